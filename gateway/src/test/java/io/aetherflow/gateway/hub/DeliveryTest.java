package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.hub.Subscription.From;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class DeliveryTest {
  private final FakeHubIo io = new FakeHubIo();
  private final Delivery delivery = new Delivery(Ops.DOCUMENT, io);

  @Test
  void newOnlySubscriberGetsWhatComesAfterTheHead() {
    RecordingSubscriber subscriber = subscribe(0);
    delivery.onAttached(Ops.attached(5));
    delivery.onOperations(Ops.batch(6, 8));
    assertThat(subscriber.events).containsExactly("attached head=5 recovered=true");
    assertThat(subscriber.seqs).containsExactly(6L, 7L, 8L);
  }

  @Test
  void historyMeetsTheLiveFlowWithoutHoleOrDuplicate() {
    delivery.onAttached(Ops.attached(600));
    RecordingSubscriber subscriber = subscribe(1);
    FakeHubIo.Page first = io.pages.remove();
    delivery.onOperations(Ops.batch(601, 610));
    delivery.onHistory(first.ticket(), Ops.page(1, 500, 605));
    FakeHubIo.Page second = io.pages.remove();
    assertThat(second.fromSeq()).isEqualTo(501);
    delivery.onHistory(second.ticket(), Ops.page(501, 605, 605));
    delivery.onOperations(Ops.batch(611, 612));
    assertThat(subscriber.seqs).isEqualTo(numbers(1, 612));
    assertThat(io.pages).isEmpty();
  }

  @Test
  void historyThatRanAheadOfTheStreamIsNotRepeated() {
    delivery.onAttached(Ops.attached(2));
    RecordingSubscriber subscriber = subscribe(1);
    delivery.onHistory(io.pages.remove().ticket(), Ops.page(1, 6, 6));
    delivery.onOperations(Ops.batch(3, 4));
    delivery.onOperations(Ops.batch(5, 9));
    assertThat(subscriber.seqs).isEqualTo(numbers(1, 9));
  }

  @Test
  void recentOperationsNeedNoHistory() {
    delivery.onAttached(Ops.attached(0));
    subscribe(0);
    delivery.onOperations(Ops.batch(1, 10));
    RecordingSubscriber late = subscribe(4);
    assertThat(late.seqs).isEqualTo(numbers(4, 10));
    assertThat(io.pages).isEmpty();
  }

  @Test
  void trimmedHistoryWithoutAStateIsAGapAndThenLive() {
    delivery.onAttached(Ops.attached(100));
    RecordingSubscriber subscriber = subscribe(3);
    delivery.onHistoryTrimmed(io.pages.remove().ticket());
    delivery.onNoState(io.states.remove());
    delivery.onOperations(Ops.batch(101, 101));
    assertThat(subscriber.events).containsExactly("attached head=100 recovered=false", "gap 100");
    assertThat(subscriber.seqs).containsExactly(101L);
  }

  @Test
  void trimmedHistoryIsReplacedByTheStateAndWhatFollowsIt() {
    delivery.onAttached(Ops.attached(100));
    RecordingSubscriber first = subscribe(3);
    RecordingSubscriber second = subscribe(5);
    delivery.onHistoryTrimmed(io.pages.remove().ticket());
    delivery.onHistoryTrimmed(io.pages.remove().ticket());
    delivery.onOperations(Ops.batch(101, 101));
    assertThat(io.states).as("one reading for both").hasSize(1);
    delivery.onState(io.states.remove(), Ops.state(90, 2 * StateFrame.BYTES_MAX, 101));
    for (RecordingSubscriber each : List.of(first, second)) {
      assertThat(each.events)
          .containsExactly(
              "attached head=101 recovered=false", "state 90 1 of 2", "state 90 2 of 2");
      delivery.onHistory(io.pages.remove().ticket(), Ops.page(91, 101, 101));
      assertThat(each.seqs).isEqualTo(numbers(91, 101));
    }
    delivery.onOperations(Ops.batch(102, 102));
    assertThat(first.seqs).isEqualTo(numbers(91, 102));
  }

  @Test
  void whoBeginsFromTheStateOfADocumentWithoutOneGetsAllOperations() {
    RecordingSubscriber subscriber = new RecordingSubscriber("c", 1);
    delivery.add(subscriber, new From(0, 0, true));
    delivery.onAttached(Ops.attached(3));
    delivery.onStateFailed(io.states.remove(), true);
    io.runLater();
    delivery.onNoState(io.states.remove());
    delivery.onHistory(io.pages.remove().ticket(), Ops.page(1, 3, 3));
    assertThat(subscriber.events).containsExactly("attached head=3 recovered=true");
    assertThat(subscriber.seqs).isEqualTo(numbers(1, 3));
  }

  @Test
  void aStateThatCannotBeReadIsAGapAndThenLive() {
    RecordingSubscriber subscriber = new RecordingSubscriber("c", 4);
    delivery.add(subscriber, new From(0, 0, true));
    delivery.onAttached(Ops.attached(3));
    delivery.onStateFailed(io.states.remove(), false);
    assertThat(io.later).isEmpty();
    delivery.onOperations(Ops.batch(4, 4));
    assertThat(subscriber.events).containsExactly("attached head=3 recovered=false", "gap 3");
    assertThat(subscriber.seqs).containsExactly(4L);
  }

  @Test
  void theStateWaitsForASlowSubscriber() {
    delivery.onAttached(Ops.attached(10));
    RecordingSubscriber subscriber = new RecordingSubscriber("c", 11);
    subscriber.writable = false;
    delivery.add(subscriber, new From(0, 0, true));
    delivery.onState(io.states.remove(), Ops.state(10, 3, 10));
    delivery.onOperations(Ops.batch(11, 12));
    assertThat(subscriber.events).containsExactly("attached head=10 recovered=true");
    subscriber.writable = true;
    delivery.onWritable(subscriber);
    assertThat(subscriber.events).last().isEqualTo("state 10 1 of 1");
    assertThat(subscriber.seqs).isEqualTo(numbers(11, 12));
  }

  @Test
  void positionBeyondTheLogIsAGap() {
    delivery.onAttached(Ops.attached(10));
    RecordingSubscriber subscriber = subscribe(50);
    delivery.onHistory(io.pages.remove().ticket(), Ops.page(1, 0, 10));
    assertThat(subscriber.events).containsExactly("attached head=10 recovered=false", "gap 10");
  }

  @Test
  void positionAheadOfThisHubOnlyIsNoGap() {
    delivery.onAttached(Ops.attached(10));
    RecordingSubscriber subscriber = subscribe(13);
    delivery.onHistory(io.pages.remove().ticket(), Ops.page(1, 0, 12));
    delivery.onOperations(Ops.batch(11, 14));
    assertThat(subscriber.seqs).containsExactly(13L, 14L);
  }

  @Test
  void holeInTheStreamIsRefusedAndDeliversNothing() {
    RecordingSubscriber subscriber = subscribe(0);
    delivery.onAttached(Ops.attached(5));
    assertThat(delivery.onOperations(Ops.batch(7, 8))).isFalse();
    assertThat(delivery.resumeFromSeq()).isEqualTo(6);
    assertThat(subscriber.seqs).isEmpty();
  }

  @Test
  void slowSubscriberStallsItsReplayUntilItDrains() {
    delivery.onAttached(Ops.attached(600));
    RecordingSubscriber subscriber = subscribe(1);
    subscriber.writable = false;
    delivery.onHistory(io.pages.remove().ticket(), Ops.page(1, 500, 600));
    assertThat(io.pages).isEmpty();
    assertThat(subscriber.seqs).isEmpty();
    subscriber.writable = true;
    delivery.onWritable(subscriber);
    assertThat(io.pages.peek().fromSeq()).isEqualTo(1);
  }

  @Test
  void whatWasTrimmedWhileTheStreamWasAwayIsReadOrReplacedByTheState() {
    RecordingSubscriber subscriber = subscribe(0);
    delivery.onAttached(Ops.attached(5));
    delivery.onOperations(Ops.batch(6, 9));
    delivery.onAttached(Ops.attached(20).toBuilder().setRecovered(false).build());
    assertThat(io.pages.peek().fromSeq()).isEqualTo(10);
    delivery.onHistoryTrimmed(io.pages.remove().ticket());
    delivery.onState(io.states.remove(), Ops.state(20, 1, 20));
    delivery.onOperations(Ops.batch(21, 21));
    assertThat(subscriber.seqs).containsExactly(6L, 7L, 8L, 9L, 21L);
    assertThat(subscriber.events).endsWith("state 20 1 of 1");
  }

  @Test
  void ownerWithAShorterLogTellsEveryoneOfTheGap() {
    RecordingSubscriber subscriber = subscribe(0);
    delivery.onAttached(Ops.attached(5));
    delivery.onOperations(Ops.batch(6, 9));
    delivery.onAttached(Ops.attached(7).toBuilder().setRecovered(false).build());
    delivery.onOperations(Ops.batch(8, 8));
    assertThat(subscriber.events).endsWith("gap 7");
    assertThat(subscriber.seqs).containsExactly(6L, 7L, 8L, 9L, 8L);
  }

  @Test
  void newerEpochAtTheClientThanAtTheOwnerIsAGap() {
    delivery.onAttached(Ops.attached(5));
    RecordingSubscriber subscriber = new RecordingSubscriber("c", 6);
    delivery.add(subscriber, new From(6, 8, false));
    assertThat(subscriber.events).containsExactly("attached head=5 recovered=false", "gap 5");
  }

  @Test
  void whoFailsEndsAndTheOthersOfTheTurnLackNothing() {
    RecordingSubscriber broken = subscribe(0);
    RecordingSubscriber sound = new RecordingSubscriber("sound", 0);
    delivery.add(sound, From.seq(0));
    delivery.onAttached(Ops.attached(5));
    broken.broken = true;
    assertThat(delivery.onOperations(Ops.batch(6, 7))).isTrue();
    assertThat(delivery.onOperations(Ops.batch(8, 8))).isTrue();
    assertThat(sound.seqs).containsExactly(6L, 7L, 8L);
    assertThat(broken.events).containsExactly("attached head=5 recovered=true", "failed");
  }

  @Test
  void whoFailsAtTheStateEndsAndTheOthersGetIt() {
    delivery.onAttached(Ops.attached(5));
    RecordingSubscriber broken = new RecordingSubscriber("broken", 6);
    RecordingSubscriber sound = new RecordingSubscriber("sound", 6);
    broken.broken = true;
    delivery.add(broken, From.STATE);
    delivery.add(sound, From.STATE);
    delivery.onState(io.states.remove(), Ops.state(5, 1, 5));
    assertThat(sound.events).containsExactly("attached head=5 recovered=true", "state 5 1 of 1");
    assertThat(broken.events).containsExactly("failed");
  }

  @Test
  void whoFailsAtAGapOrAtPresenceEndsAlone() {
    RecordingSubscriber broken = subscribe(0);
    RecordingSubscriber sound = new RecordingSubscriber("sound", 0);
    delivery.add(sound, From.seq(0));
    delivery.onAttached(Ops.attached(5));
    broken.broken = true;
    delivery.onAttached(Ops.attached(3));
    assertThat(sound.events).endsWith("gap 3");
    assertThat(broken.events).endsWith("failed");
    RecordingSubscriber alsoBroken = new RecordingSubscriber("alsoBroken", 4);
    delivery.add(alsoBroken, From.seq(0));
    alsoBroken.broken = true;
    delivery.presence(Presence.newBuilder().setDocument(Ops.DOCUMENT).setClientId("ann").build());
    assertThat(sound.events).endsWith("presence ann");
    assertThat(alsoBroken.events).endsWith("failed");
  }

  /** RecordingSubscriber throws on any hole or duplicate, whatever the interleaving. */
  @Test
  void randomInterleavingsNeverLoseOrRepeat() {
    for (long seed = 0; seed < 1000; seed++) {
      new Interleaving(seed).run();
    }
  }

  private static final class Interleaving {
    private final long seed;
    private final Random random;
    private final FakeHubIo io = new FakeHubIo();
    private final Delivery delivery = new Delivery(Ops.DOCUMENT, io);
    private final List<RecordingSubscriber> all = new ArrayList<>();
    private final List<Long> starts = new ArrayList<>();
    private long log;
    private long streamed;

    Interleaving(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      log = random.nextInt(1500);
      streamed = log;
    }

    void run() {
      try {
        delivery.onAttached(Ops.attached(log));
        for (int step = 0; step < 60; step++) {
          step();
        }
        settle();
      } catch (AssertionError e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      }
    }

    private void step() {
      switch (random.nextInt(7)) {
        case 0, 1 -> log += random.nextInt(40);
        case 2, 3 -> stream();
        case 4 -> {
          long from = 1 + random.nextLong(log + 1);
          RecordingSubscriber subscriber = new RecordingSubscriber("c" + all.size(), from);
          all.add(subscriber);
          starts.add(from);
          delivery.add(subscriber, From.seq(from));
        }
        case 5 -> answerPage();
        default -> reattach();
      }
    }

    private void stream() {
      long to = Math.min(log, streamed + 1 + random.nextInt(30));
      if (to > streamed) {
        long overlap = Math.min(streamed, random.nextInt(3));
        assertThat(delivery.onOperations(Ops.batch(streamed + 1 - overlap, to))).isTrue();
        streamed = to;
      }
    }

    private void answerPage() {
      FakeHubIo.Page page = io.pages.poll();
      if (page == null) {
        return;
      }
      if (random.nextInt(5) == 0) {
        delivery.onHistoryFailed(page.ticket());
        io.runLater();
        return;
      }
      long to = Math.min(log, page.fromSeq() + 499);
      delivery.onHistory(page.ticket(), Ops.page(page.fromSeq(), to, log));
    }

    private void reattach() {
      delivery.onAttached(Ops.attached(log));
      streamed = delivery.resumeFromSeq() - 1;
    }

    private void settle() {
      while (streamed < log) {
        stream();
      }
      while (!io.pages.isEmpty() || !io.later.isEmpty()) {
        answerPage();
        io.runLater();
      }
      for (int i = 0; i < all.size(); i++) {
        assertThat(all.get(i).seqs).isEqualTo(numbers(starts.get(i), log));
      }
    }
  }

  private RecordingSubscriber subscribe(long fromSeq) {
    RecordingSubscriber subscriber = new RecordingSubscriber("c" + fromSeq, fromSeq);
    delivery.add(subscriber, From.seq(fromSeq));
    return subscriber;
  }

  private static List<Long> numbers(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toList();
  }
}
