package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Conflict;
import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.Lock;
import io.aetherflow.api.statesync.v1.LockEvent;
import io.aetherflow.api.statesync.v1.LockEvent.Kind;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.Resolution;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final int OPERATIONS = 60;

  @Test
  void replayingWhatASnapshotKnowsAlreadyLeadsToTheSame() {
    for (int seed = 0; seed < 1_000; seed++) {
      Random random = new Random(seed);
      Ledger direct = new Ledger();
      List<Operation> log = new ArrayList<>();
      for (int seq = 1; seq <= OPERATIONS; seq++) {
        log.add(next(direct, seq, random));
        direct.apply(log.getLast());
      }
      int archived = random.nextInt(OPERATIONS + 1);
      int known = archived + random.nextInt(OPERATIONS + 1 - archived);
      Ledger early = new Ledger();
      log.subList(0, known).forEach(early::apply);
      DocumentSnapshot.Builder snapshot = DocumentSnapshot.newBuilder();
      early.writeTo(snapshot);
      Ledger again = new Ledger();
      again.restore(snapshot.build());
      log.subList(archived, OPERATIONS).forEach(again::apply);
      String why = "seed " + seed + ", archived " + archived + ", known " + known;
      assertThat(again.effectiveSeq()).as(why).isEqualTo(direct.effectiveSeq());
      assertThat(again.conflicts()).as(why).isEqualTo(direct.conflicts());
      assertThat(List.copyOf(again.locks())).as(why).isEqualTo(List.copyOf(direct.locks()));
    }
  }

  private static Operation next(Ledger ledger, long seq, Random random) {
    Operation.Builder operation = Operation.newBuilder().setSeq(seq);
    String name = random.nextBoolean() ? "a" : "b";
    switch (random.nextInt(5)) {
      case 0 -> operation.setConflict(Conflict.getDefaultInstance());
      case 1 -> {
        if (!ledger.conflicts().isEmpty()) {
          operation.setResolution(Resolution.newBuilder().setSeq(ledger.conflicts().first()));
        }
      }
      case 2, 3 ->
          operation.setLock(
              ledger
                  .lock(name)
                  .map(held -> ended(held, random))
                  .orElseGet(() -> event(name, Kind.TAKEN, seq)));
      default -> {}
    }
    return random.nextBoolean() && !operation.hasLock()
        ? operation.setData(ByteString.copyFromUtf8("x")).build()
        : operation.build();
  }

  private static LockEvent ended(Lock held, Random random) {
    Kind kind = random.nextBoolean() ? Kind.RELEASED : Kind.EXPIRED;
    return event(held.getLock(), kind, held.getToken());
  }

  private static LockEvent event(String name, Kind kind, long token) {
    return LockEvent.newBuilder()
        .setLock(name)
        .setKind(kind)
        .setToken(token)
        .setClientId("c")
        .build();
  }
}
