package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.DocumentContent;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class YjsStatesTest {
  private final List<DocumentContent> stored = new ArrayList<>();
  private long nowNs = -5;
  private final YjsStates states = new YjsStates(stored::add, Runnable::run, () -> nowNs);

  @Test
  void oneClientOfManyIsAsked() {
    assertThat(states.mayAsk("doc")).isTrue();
    assertThat(states.mayAsk("doc")).isFalse();
    assertThat(states.mayAsk("another")).isTrue();
    nowNs += YjsStates.ASK_AGAIN_NS;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void afterNewsAnotherIsAskedSoon() {
    states.mayAsk("doc");
    states.onNews("doc");
    nowNs += YjsStates.ASK_SOON_NS - 1;
    assertThat(states.mayAsk("doc")).isFalse();
    nowNs++;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void afterATooLongAnswerNobodyIsAskedForLong() {
    states.mayAsk("doc");
    states.onTooLong("doc");
    nowNs += YjsStates.ASK_LATER_NS - 1;
    assertThat(states.mayAsk("doc")).isFalse();
    nowNs++;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void afterAUselessAnswerAnotherIsAskedInAWhile() {
    states.mayAsk("doc");
    states.onUseless("doc");
    nowNs += YjsStates.ASK_AGAIN_NS - 1;
    assertThat(states.mayAsk("doc")).isFalse();
    nowNs++;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void onlySoManyAreAskedAtOnceWhateverTheAnswers() {
    YjsStates refused =
        new YjsStates(
            state -> {
              throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
            },
            Runnable::run,
            () -> nowNs);
    List<Consumer<String>> ends =
        List.of(
            refused::onNews,
            refused::onTooLong,
            refused::onUseless,
            document -> refused.supply(document, 7, new byte[] {0, 0}));
    for (int i = 0; i < YjsStates.ASKED_MAX; i++) {
      assertThat(refused.mayAsk("doc" + i)).isTrue();
    }
    for (int i = 0; i < ends.size(); i++) {
      String next = "next" + i;
      assertThat(refused.mayAsk(next)).isFalse();
      ends.get(i).accept("doc" + i);
      assertThat(refused.mayAsk(next)).as("a refusal does not count as a question").isTrue();
    }
  }

  @Test
  void aPlaceIsTakenUntilTheStateIsStored() {
    List<Runnable> storing = new ArrayList<>();
    YjsStates slow = new YjsStates(stored::add, storing::add, () -> nowNs);
    for (int i = 0; i < YjsStates.ASKED_MAX; i++) {
      slow.mayAsk("doc" + i);
    }
    slow.supply("doc0", 7, new byte[] {0, 0});
    assertThat(slow.mayAsk("next")).isFalse();
    storing.getFirst().run();
    assertThat(slow.mayAsk("next")).isTrue();
  }

  @Test
  void onlySoManyDocumentsAreRemembered() {
    for (int i = 0; i < YjsStates.DOCUMENTS_MAX; i++) {
      states.mayAsk("doc" + i);
      states.onUseless("doc" + i);
    }
    assertThat(states.mayAsk("doc0")).isFalse();
    states.mayAsk("one more");
    assertThat(states.mayAsk("doc0")).as("the eldest is forgotten").isTrue();
  }

  @Test
  void aStateIsStoredAsItIs() {
    states.mayAsk("doc");
    states.supply("doc", 7, new byte[] {0, 0});
    assertThat(stored)
        .singleElement()
        .satisfies(each -> {
          assertThat(each.getDocument()).isEqualTo("doc");
          assertThat(each.getSeq()).isEqualTo(7);
          assertThat(each.getData().toByteArray()).containsExactly(0, 0);
        });
  }

  @Test
  void aRefusalHarmsNobody() {
    YjsStates refused =
        new YjsStates(
            state -> {
              throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
            },
            Runnable::run,
            () -> nowNs);
    refused.mayAsk("doc");
    refused.supply("doc", 7, new byte[] {0, 0});
    assertThat(refused.mayAsk("another")).isTrue();
  }
}
