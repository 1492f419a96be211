package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.document.PropertyEdit.MalformedException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PropertiesTest {
  private static final String[] VALUES = {
    "1", "-1.50", "\"ä\"", "\"\\n\"", "null", "[1,{\"a\":[]}]", "\"" + "x".repeat(3_000) + "\""
  };
  private static final String[] NAMES = {"a", "b", "ü", "x/y", "q\\\"q", "\\u0001", "z"};

  @Test
  void theFoldedStateReadsAsItWasWrittenAndIsNeverLargerThanCounted() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      Properties folded = new Properties();
      for (int seq = 1; seq <= 40; seq++) {
        PropertyEdit edit = edit(random);
        long before = folded.bytes();
        long growth = folded.growth(edit);
        folded.apply(seq, edit);
        assertThat(folded.bytes()).as("seed " + seed).isLessThanOrEqualTo(before + growth);
        assertThat((long) folded.toJson().size())
            .as("seed " + seed)
            .isLessThanOrEqualTo(folded.bytes());
      }
      Properties read = Properties.parse(folded.toJson());
      assertThat(read.toJson()).as("seed " + seed).isEqualTo(folded.toJson());
      assertThat(read.bytes()).as("seed " + seed).isEqualTo(folded.bytes());
    }
  }

  @Test
  void theEditsToAnotherStateLeadThere() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      Properties from = new Properties();
      Properties to = new Properties();
      for (int seq = 1; seq <= 10; seq++) {
        from.apply(seq, edit(random));
        to.apply(seq, edit(random));
      }
      for (ByteString edit : from.editsTo(to)) {
        from.apply(99, PropertyEdit.parse(edit));
      }
      assertThat(from.editsTo(to)).as("seed " + seed).isEmpty();
      assertThat(to.editsTo(from)).as("seed " + seed).isEmpty();
    }
  }

  @Test
  void onlyTheLastDeletionsAreKept() throws Exception {
    Properties properties = new Properties();
    for (int i = 1; i <= Properties.TOMBSTONES_MAX + 1; i++) {
      properties.apply(i, parse("{\"delete\": [\"p" + i + "\"]}"));
    }
    String state = properties.toJson().toStringUtf8();
    assertThat(state).doesNotContain("\"p1\":").contains("\"p2\":2,", "\"p1025\":1025");
    properties.apply(2_000, parse("{\"set\": {\"p2\": true}}"));
    assertThat(properties.toJson().toStringUtf8())
        .contains("\"p2\":{\"value\":true,\"seq\":2000}")
        .doesNotContain("\"p2\":2,");
  }

  @Test
  void deletionsMakeNoStateLargerThanItMayBe() throws Exception {
    Properties properties = new Properties();
    String large = "\"" + "x".repeat(500_000) + "\"";
    for (int i = 1; i <= 6; i++) {
      properties.apply(i, parse("{\"set\": {\"p" + i + "\": " + large + "}}"));
    }
    for (int i = 0; i < Properties.TOMBSTONES_MAX; i++) {
      String name = "\\u0001".repeat(252) + (1_000 + i);
      properties.apply(7 + i, parse("{\"delete\": [\"" + name + "\"]}"));
      assertThat(properties.bytes()).isLessThanOrEqualTo(SnapshotStore.STATE_BYTES_MAX);
    }
    String state = properties.toJson().toStringUtf8();
    assertThat(state).contains("2023\":1030", "\"p6\":").doesNotContain("1000\":7,");
    assertThat(Properties.parse(properties.toJson()).toJson()).isEqualTo(properties.toJson());
  }

  private static PropertyEdit edit(Random random) throws MalformedException {
    String set = NAMES[random.nextInt(NAMES.length)];
    String delete = NAMES[random.nextInt(NAMES.length)];
    String value = VALUES[random.nextInt(VALUES.length)];
    if (set.equals(delete) || random.nextInt(3) > 0) {
      return parse("{\"set\": {\"" + set + "\": " + value + "}}");
    }
    return parse("{\"set\": {\"" + set + "\": " + value + "}, \"delete\": [\"" + delete + "\"]}");
  }

  private static PropertyEdit parse(String json) throws MalformedException {
    return PropertyEdit.parse(ByteString.copyFromUtf8(json));
  }
}
