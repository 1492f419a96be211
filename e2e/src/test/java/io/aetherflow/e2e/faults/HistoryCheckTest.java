package io.aetherflow.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.collab.Op;
import io.aetherflow.e2e.faults.HistoryCheck.ClientView;
import io.aetherflow.e2e.faults.StoredLog.OwnerChange;
import io.aetherflow.e2e.faults.StoredLog.Part;
import io.aetherflow.e2e.faults.StoredLog.Stored;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A checker is worth what it finds: a good history passes, each kind of wrong one does not. */
class HistoryCheckTest {
  private static final String DOC = "d";
  private static final int SHARD = 7;
  private static final Op A = op(1, "a");
  private static final Op B = op(2, "b");
  private static final Op C = op(3, "c");
  private static final List<Op> LOG = List.of(A, B, C);

  /** Epoch 10 writes A; epoch 20, of another owner, writes B and C. */
  private static StoredLog stored() {
    StoredLog log = new StoredLog();
    log.add(owned(10, "one"));
    log.add(15, List.of(part(15, 10, 1, A)));
    log.add(owned(20, "two"));
    log.add(25, List.of(part(25, 20, 2, B, C)));
    return log;
  }

  @Test
  void aGoodHistoryHasNothingWrong() {
    assertThat(check(LOG, stored(), view(LOG, Map.of("a", 1L, "c", 3L)))).isEmpty();
    assertThat(check(LOG, stored(), view(List.of(A), Map.of()))).as("a client behind").isEmpty();
  }

  @Test
  void anAcknowledgedOperationIsLost() {
    assertThat(check(LOG, stored(), view(LOG, Map.of("x", 2L))))
        .singleElement()
        .asString()
        .contains("x was acknowledged at 2");
    assertThat(check(LOG, stored(), view(LOG, Map.of("x", 9L)))).hasSize(1);
  }

  @Test
  void anAcknowledgedOperationIsElsewhere() {
    assertThat(check(LOG, stored(), view(LOG, Map.of("a", 2L))))
        .singleElement()
        .asString()
        .contains("a was acknowledged at 2");
  }

  @Test
  void anOperationIsThereTwice() {
    StoredLog log = stored();
    Op again = op(4, "a");
    log.add(26, List.of(part(26, 20, 3, again)));
    assertThat(check(List.of(A, B, C, again), log, view(LOG, Map.of())))
        .singleElement()
        .asString()
        .contains("a twice");
  }

  @Test
  void aSequenceHasAHole() {
    assertThat(check(List.of(A, C), stored(), view(List.of(A), Map.of())))
        .anyMatch(sentence -> sentence.contains("where seq 2 belongs"));
  }

  @Test
  void twoClientsSawDifferentOrders() {
    assertThat(
            check(
                LOG,
                stored(),
                view(LOG, Map.of()),
                view(List.of(A, op(2, "c"), op(3, "b")), Map.of())))
        .singleElement()
        .asString()
        .contains("number 2");
    assertThat(check(LOG, stored(), view(List.of(A, B, C, op(4, "z")), Map.of())))
        .singleElement()
        .asString()
        .contains("the log has nothing");
  }

  @Test
  void aDeposedOwnersWriteWasAccepted() {
    StoredLog log = new StoredLog();
    log.add(owned(10, "one"));
    log.add(15, List.of(part(15, 10, 1, A)));
    log.add(owned(20, "two"));
    log.add(22, List.of(part(22, 10, 2, B)));
    log.add(25, List.of(part(25, 20, 3, C)));
    assertThat(check(LOG, log, view(LOG, Map.of())))
        .singleElement()
        .asString()
        .contains("epoch 10, which was stale: the epoch was 20");
  }

  @Test
  void aWriteWasAcceptedAfterItsOwnerLeft() {
    StoredLog log = stored();
    log.add(new OwnerChange(30, SHARD, Optional.empty()));
    Op late = op(4, "late");
    log.add(31, List.of(part(31, 20, 3, late)));
    assertThat(check(List.of(A, B, C, late), log, view(LOG, Map.of())))
        .singleElement()
        .asString()
        .contains("the epoch was 0");
  }

  @Test
  void twoWritesTookOnePlace() {
    StoredLog log = stored();
    log.add(26, List.of(part(26, 20, 3, op(3, "other"))));
    assertThat(check(LOG, log, view(LOG, Map.of())))
        .singleElement()
        .asString()
        .contains("where Op[seq=3");
  }

  @Test
  void aPartOfTheLogIsMissing() {
    StoredLog log = new StoredLog();
    log.add(owned(10, "one"));
    log.add(15, List.of(part(15, 10, 1, A)));
    log.add(16, List.of(part(16, 10, 3, B, C)));
    assertThat(check(LOG, log, view(LOG, Map.of())))
        .singleElement()
        .asString()
        .contains("part 3 after part 1");
  }

  @Test
  void readersGetSomethingElseThanWasStored() {
    assertThat(check(List.of(A, op(2, "x"), C), stored(), view(List.of(A), Map.of())))
        .singleElement()
        .asString()
        .contains("reads otherwise");
  }

  @Test
  void aStoredEntryIsReadAsTheServicesWriteIt() {
    byte[] operation = {8, 2, 18, 1, 'k', 24, 5, 42, 3, '"', 'v', '"'};
    byte[] batch = concat(new byte[] {10, 1, 'd', 16, 20, 24, 2, 34, 12}, operation);
    byte[] part = concat(new byte[] {8, 7, 16, 20, 24, 1, 34, (byte) batch.length}, batch);
    byte[] entry = concat(new byte[] {10, (byte) part.length}, part);

    assertThat(LogEntries.parse(99, entry))
        .containsExactly(new Part(99, 7, 20, 1, List.of(new Stored("d", new Op(2, "k", 5, "v")))));
  }

  private static byte[] concat(byte[] head, byte[] tail) {
    byte[] both = java.util.Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, both, head.length, tail.length);
    return both;
  }

  private static List<String> check(List<Op> replay, StoredLog stored, ClientView... clients) {
    return HistoryCheck.violations(List.of(clients), Map.of(DOC, replay), stored);
  }

  private static ClientView view(List<Op> ops, Map<String, Long> acked) {
    return new ClientView("client", DOC, ops, acked);
  }

  private static Op op(long seq, String data) {
    return new Op(seq, "k", seq, data);
  }

  private static OwnerChange owned(long revision, String name) {
    return new OwnerChange(revision, SHARD, Optional.of(name));
  }

  private static Part part(long revision, long epoch, long number, Op... ops) {
    return new Part(
        revision,
        SHARD,
        epoch,
        number,
        List.of(ops).stream().map(each -> new Stored(DOC, each)).toList());
  }
}
