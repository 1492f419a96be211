package io.aetherflow.e2e.collab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the log must say after a test, whatever happened during it. */
public final class Ledger {
  private static final Duration REPLAY_TIMEOUT = Duration.ofSeconds(30);

  private Ledger() {}

  /**
   * A fresh client replays the document from its first operation and finds every acknowledged one
   * at the place it was told, nothing twice, and the order the editors saw.
   *
   * @return the replayed log
   */
  public static List<Op> check(Door door, String token, String document, Editor... editors) {
    long head = headOf(List.of(editors));
    try (Editor fresh = new Editor("replay", door, token, document)) {
      fresh.awaitSeq(head, REPLAY_TIMEOUT);
      List<Op> log = fresh.ops();
      assertThat(fresh.violations()).isEmpty();
      assertNothingTwice(log);
      for (Editor editor : editors) {
        assertThat(editor.violations()).as("what a client saw going wrong").isEmpty();
        assertAckedIsThere(log, editor.acked());
        editor.awaitSeq(head, REPLAY_TIMEOUT);
        assertThat(editor.ops().subList(0, (int) head))
            .as("order a client saw, against the replay")
            .isEqualTo(log.subList(0, (int) head));
      }
      return log;
    }
  }

  private static long headOf(Collection<Editor> editors) {
    return editors.stream()
        .flatMap(editor -> editor.acked().values().stream())
        .mapToLong(Long::longValue)
        .max()
        .orElseThrow(() -> new AssertionError("no operation was acknowledged"));
  }

  private static void assertNothingTwice(List<Op> log) {
    Set<String> seen = new HashSet<>();
    for (Op op : log) {
      assertThat(seen.add(op.data())).as("%s is twice in the log", op).isTrue();
    }
  }

  private static void assertAckedIsThere(List<Op> log, Map<String, Long> acked) {
    acked.forEach((data, seq) -> {
      assertThat(log.size())
          .as("log reaches acknowledged seq %d", seq)
          .isGreaterThanOrEqualTo(seq.intValue());
      assertThat(log.get(seq.intValue() - 1).data())
          .as("operation at acknowledged seq %d", seq)
          .isEqualTo(data);
    });
  }
}
