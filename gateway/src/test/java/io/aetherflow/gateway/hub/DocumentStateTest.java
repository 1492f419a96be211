package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.Moved;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.gateway.hub.Subscription.From;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class DocumentStateTest {
  private final FakeHubIo io = new FakeHubIo();
  private final DocumentState document = new DocumentState(Ops.DOCUMENT, io);
  private final RecordingSubscriber subscriber = new RecordingSubscriber("c", 0);

  @Test
  void operationInFlightSurvivesTheOwnersDeathAndIsAckedOnce() {
    FakeHubIo.FakeLink first = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    document.submit(subscriber, "ann", Ops.draft(2), MessageTrace.NONE);
    document.onOperations(first, Ops.batch(6, 6));
    document.onLinkBroken(first, "");
    document.onResult(first, result(1, 6));

    document.onLocated(io.locates.removeLast(), "b:1");
    FakeHubIo.FakeLink second = io.links.getLast();
    assertThat(second.sent.remove().getAttach().getFromSeq()).isEqualTo(7);
    document.onAttached(second, Ops.attached(6));
    assertThat(second.sent)
        .extracting(request -> request.getApply().getOperations(0).getClientSeq())
        .containsExactly(1L, 2L);
    document.onResult(second, result(1, 6));
    document.onResult(second, result(2, 7));
    document.onResult(second, result(2, 7));
    assertThat(subscriber.events)
        .containsExactly("attached head=5 recovered=true", "ack 1=6", "ack 2=7");
    assertThat(document.pendingOperations()).isZero();
  }

  @Test
  void movedWithAnAddressGoesThereAtOnce() {
    FakeHubIo.FakeLink first = live();
    document.onMoved(first, Moved.newBuilder().setAddress("b:1").build());
    assertThat(io.links.getLast().address).isEqualTo("b:1");
    assertThat(io.locates).isEmpty();
  }

  @Test
  void movedWithoutAnAddressAsksTheRoutingService() {
    document.onMoved(live(), Moved.getDefaultInstance());
    assertThat(io.locates).hasSize(1);
  }

  @Test
  void fencedOwnerIsReplacedAndTheOperationKept() {
    FakeHubIo.FakeLink first = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    document.onResult(first, refused("EPOCH_FENCED"));
    assertThat(io.locates).hasSize(1);
    assertThat(document.pendingOperations()).isEqualTo(1);
    assertThat(subscriber.events).hasSize(1);
  }

  @Test
  void refusalIsToldToTheClient() {
    FakeHubIo.FakeLink first = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    document.onResult(first, refused("BASE_CONFLICT"));
    assertThat(subscriber.events).endsWith("nack 1 BASE_CONFLICT false");
  }

  @Test
  void theOperationAboveTheBoundIsRefusedAndNotSent() {
    FakeHubIo.FakeLink owner = live();
    owner.sent.clear();
    for (int i = 1; i <= PendingOperations.PENDING_MAX; i++) {
      document.submit(subscriber, "ann", Ops.draft(i), MessageTrace.NONE);
    }
    assertThat(subscriber.events).hasSize(1);
    document.submit(
        subscriber, "ann", Ops.draft(PendingOperations.PENDING_MAX + 1), MessageTrace.NONE);
    assertThat(subscriber.events).endsWith("nack 4097 QUOTA true");
    assertThat(owner.sent).hasSize(PendingOperations.PENDING_MAX);
  }

  @Test
  void repeatedOperationWaitsForTheFirstAnswerAndGoesToTheNewSocket() {
    FakeHubIo.FakeLink owner = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    RecordingSubscriber again = new RecordingSubscriber("c", 0);
    document.attach(again, From.seq(0));
    document.submit(again, "ann", Ops.draft(1), MessageTrace.NONE);
    document.onResult(owner, result(1, 6));
    assertThat(again.events).contains("ack 1=6");
    assertThat(subscriber.events).doesNotContain("ack 1=6");
  }

  @Test
  void hungOwnerIsAbandonedAfterTheAnswerTimeout() {
    FakeHubIo.FakeLink owner = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    io.nowNs += DocumentState.ANSWER_TIMEOUT_NS;
    document.onTick();
    assertThat(owner.abandoned).isFalse();
    io.nowNs += 1;
    document.onTick();
    assertThat(owner.abandoned).isTrue();
  }

  @Test
  void aSilentOwnerIsLeftWhenAnotherHasTakenOver() {
    FakeHubIo.FakeLink owner = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    io.nowNs += DocumentState.SUSPECT_NS;
    document.onTick();
    assertThat(io.successors).as("it has that long").isEmpty();
    io.nowNs += 1;
    document.onTick();
    document.onTick();
    assertThat(io.successors).as("one question at a time").hasSize(1);
    document.onSuccessor(io.successors.remove(), "b:1", Ops.EPOCH + 1);
    assertThat(owner.abandoned).isTrue();
    assertThat(owner.successor).as("where its other documents are looked for").isEqualTo("b:1");
    assertThat(io.links.getLast().address).isEqualTo("b:1");
    document.onAttached(io.links.getLast(), Ops.attached(5));
    assertThat(io.links.getLast().sent.getLast().getApply().getOperations(0).getClientSeq())
        .isEqualTo(1);
  }

  @Test
  void aSlowOwnerThatIsStillTheOwnerIsKept() {
    FakeHubIo.FakeLink owner = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    io.nowNs += DocumentState.SUSPECT_NS + 1;
    document.onTick();
    document.onSuccessor(io.successors.remove(), "a:1", Ops.EPOCH);
    document.onTick();
    document.onSuccessor(io.successors.remove(), "", 0);
    document.onTick();
    document.onSuccessor(io.successors.remove(), "b:1", Ops.EPOCH);
    assertThat(owner.abandoned).isFalse();
    document.onResult(owner, result(1, 6));
    assertThat(subscriber.events).endsWith("ack 1=6");
  }

  @Test
  void anOwnerThatDoesNotConfirmAnAttachIsSuspectedToo() {
    document.attach(subscriber, From.seq(0));
    document.onLocated(io.locates.remove(), "a:1");
    io.nowNs += DocumentState.SUSPECT_NS + 1;
    document.onTick();
    document.onSuccessor(io.successors.remove(), "b:1", 3);
    assertThat(io.links.getLast().address).isEqualTo("b:1");
  }

  @Test
  void deadOwnerIsLookedUpAgainWithPauses() {
    document.attach(subscriber, From.seq(0));
    for (int i = 0; i < 5; i++) {
      document.onLocateFailed(io.locates.remove());
      assertThat(io.locates).isEmpty();
      io.runLater();
      assertThat(io.locates).hasSize(1);
    }
  }

  @Test
  void theSuccessorOfAnOwnerThatWasLostTwiceIsWaitedFor() {
    document.onLinkBroken(live(), "");
    assertThat(io.staleEpoch).as("perhaps only the stream was lost").isZero();
    document.onLocated(io.locates.remove(), "a:1");
    document.onLinkBroken(io.links.getLast(), "");
    io.runLater();
    assertThat(io.locates).hasSize(1);
    assertThat(io.staleEpoch).isEqualTo(Ops.attached(5).getEpoch());
  }

  @Test
  void whereOneDocumentWentTheOthersAreLookedForFirst() {
    document.onLinkBroken(live(), "b:1");
    assertThat(io.links.getLast().address).isEqualTo("b:1");
    assertThat(io.locates).isEmpty();
    document.onMoved(io.links.getLast(), Moved.newBuilder().setAddress("c:1").build());
    assertThat(io.links.getLast().address).as("b:1 was a guess").isEqualTo("c:1");
  }

  @Test
  void answersOfADeadStreamChangeNothing() {
    FakeHubIo.FakeLink first = live();
    document.onLinkBroken(first, "");
    document.onOperations(first, Ops.batch(6, 6));
    assertThat(subscriber.seqs).isEmpty();
  }

  @Test
  void ownerWithAShorterLogIsNotBelievedAtFirst() {
    FakeHubIo.FakeLink first = live();
    document.onOperations(first, Ops.batch(6, 9));
    document.onLinkBroken(first, "");
    document.onLocated(io.locates.remove(), "stale:1");
    document.onAttached(io.links.getLast(), Ops.attached(7));
    assertThat(subscriber.events).hasSize(1);
    io.nowNs += TimeUnit.SECONDS.toNanos(1);
    io.runLater();
    assertThat(io.locates).hasSize(1);
  }

  @Test
  void lastSubscribersLeavingDetaches() {
    FakeHubIo.FakeLink owner = live();
    assertThat(document.detach(subscriber)).isTrue();
    assertThat(owner.sent.getLast().getKindCase()).isEqualTo(SyncRequest.KindCase.DETACH);
  }

  @Test
  void operationsTakeTheirBudgetUntilTheyHaveLeft() {
    FakeHubIo.FakeLink owner = live();
    document.submit(subscriber, "ann", Ops.draft(1), MessageTrace.NONE);
    document.detach(subscriber);
    assertThat(io.budget.used()).isEqualTo(2);
    owner.waiting.remove().run();
    assertThat(io.budget.used()).isZero();
  }

  private FakeHubIo.FakeLink live() {
    document.attach(subscriber, From.seq(0));
    document.onLocated(io.locates.remove(), "a:1");
    FakeHubIo.FakeLink link = io.links.getLast();
    document.onAttached(link, Ops.attached(5));
    return link;
  }

  private static ApplyResult result(long clientSeq, long seq) {
    return ApplyResult.newBuilder()
        .setDocument(Ops.DOCUMENT)
        .setClientId("c")
        .addAllOutcomes(
            List.of(ApplyResult.Outcome.newBuilder().setClientSeq(clientSeq).setSeq(seq).build()))
        .build();
  }

  private static ApplyResult refused(String reason) {
    return ApplyResult.newBuilder()
        .setDocument(Ops.DOCUMENT)
        .setClientId("c")
        .addOutcomes(ApplyResult.Outcome.newBuilder().setClientSeq(1).setReason(reason))
        .build();
  }
}
