package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.DocumentContent;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
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
  void withoutAnAnswerNobodyIsAskedForLong() {
    states.mayAsk("doc");
    states.onNoAnswer("doc");
    nowNs += YjsStates.ASK_LATER_NS - 1;
    assertThat(states.mayAsk("doc")).isFalse();
    nowNs++;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void onlySoManyDocumentsAreRemembered() {
    for (int i = 0; i < YjsStates.DOCUMENTS_MAX; i++) {
      states.mayAsk("doc" + i);
    }
    assertThat(states.mayAsk("doc0")).isFalse();
    states.mayAsk("one more");
    assertThat(states.mayAsk("doc0")).as("the eldest is forgotten").isTrue();
  }

  @Test
  void aStateIsStoredAsItIs() {
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
    refused.supply("doc", 7, new byte[] {0, 0});
    assertThat(refused.mayAsk("doc")).isTrue();
  }
}
