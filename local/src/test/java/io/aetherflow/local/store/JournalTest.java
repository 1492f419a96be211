package io.aetherflow.local.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir Path directory;

  private static ObjectNode object(String name) {
    ObjectNode object = Json.object().put("kind", "Thing");
    object.putObject("metadata").put("name", name).put("namespace", "n");
    return object;
  }

  @Test
  void aTornLastLineIsDroppedAndOverwritten() throws IOException {
    try (Db db = new Db(directory)) {
      db.put("things", object("a"));
    }
    Path file = directory.resolve("journal.jsonl");
    Files.writeString(file, "{\"resource\":\"thi", StandardOpenOption.APPEND);
    try (Db db = new Db(directory)) {
      assertThat(db.get("things", "n", "a")).isNotNull();
      db.put("things", object("b"));
    }
    try (Db db = new Db(directory)) {
      assertThat(db.list("things", "n").items()).hasSize(2);
    }
  }

  @Test
  void damageInTheMiddleIsReportedWithItsPlace() throws IOException {
    Files.writeString(directory.resolve("journal.jsonl"), "{}}{\nnot json\n");
    assertThatThrownBy(() -> new Db(directory)).hasMessageContaining("damaged at byte");
  }

  @Test
  void compactionKeepsExactlyTheLiveObjects() throws IOException {
    try (Db db = new Db(directory)) {
      ObjectNode big = object("big");
      big.put("data", "x".repeat(1 << 20));
      for (int i = 0; i < 20; i++) {
        db.put("things", big.deepCopy());
      }
      db.remove("things", db.put("things", object("gone")));
    }
    assertThat(Files.size(directory.resolve("journal.jsonl"))).isLessThan(Journal.COMPACT_BYTES);
    try (Db db = new Db(directory)) {
      assertThat(db.list("things", "n").items()).hasSize(1);
      assertThat(db.revision()).isGreaterThanOrEqualTo(22);
    }
  }

  @Test
  void watchesOlderThanTheHistoryAreRefused() throws IOException {
    try (Db db = new Db(directory)) {
      for (int i = 0; i <= Db.HISTORY_MAX + 1; i++) {
        db.put("things", object("a"));
      }
      assertThatThrownBy(() -> db.watch("things", 1, event -> {}))
          .isInstanceOfSatisfying(ApiException.class, e -> assertThat(e.code()).isEqualTo(410));
    }
  }
}
