package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.yjs.Coverage;
import org.junit.jupiter.api.Test;

final class OpenQuestionTest {
  private static final JoinQuestion QUESTION = new JoinQuestion(new Coverage(), 7, true);

  private long nowNs = -5;
  private int others;
  private final YjsStates states = new YjsStates(_ -> {}, Runnable::run, () -> nowNs);
  private final OpenQuestion open = new OpenQuestion(states, "doc", () -> nowNs);

  @Test
  void oneIsTakenOnce() {
    ask();
    assertThat(open.take()).contains(QUESTION);
    assertThat(open.take()).isEmpty();
  }

  @Test
  void anOldOneIsGivenUpAndItsPlaceGivenBack() {
    ask();
    nowNs += OpenQuestion.OPEN_NS_MAX - 1;
    open.giveUpIfOld();
    assertThat(freePlaces()).isEqualTo(YjsStates.ASKED_MAX - 1);
    nowNs++;
    open.giveUpIfOld();
    assertThat(open.take()).isEmpty();
    assertThat(freePlaces()).isEqualTo(YjsStates.ASKED_MAX);
  }

  @Test
  void aClosedTabPostponesAsLittleAsAnAnswer() {
    ask();
    open.end();
    open.end();
    assertThat(freePlaces()).isEqualTo(YjsStates.ASKED_MAX);
    nowNs += YjsStates.ASK_AGAIN_NS;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void aTooLongAnswerPostponesForLong() {
    ask();
    open.onTooLong();
    open.end();
    assertThat(freePlaces()).isEqualTo(YjsStates.ASKED_MAX);
    nowNs += YjsStates.ASK_LATER_NS - 1;
    assertThat(states.mayAsk("doc")).isFalse();
    nowNs++;
    assertThat(states.mayAsk("doc")).isTrue();
  }

  @Test
  void whatIsAskedAfterTheSocketsEndTakesNoPlace() {
    open.end();
    ask();
    assertThat(open.take()).isEmpty();
    assertThat(freePlaces()).isEqualTo(YjsStates.ASKED_MAX);
  }

  @Test
  void aQuestionForNewsTakesNoPlace() {
    open.open(QUESTION.forNews());
    open.end();
    assertThat(freePlaces()).isEqualTo(YjsStates.ASKED_MAX);
  }

  private void ask() {
    assertThat(states.mayAsk("doc")).isTrue();
    open.open(QUESTION);
  }

  /** Asks about documents that were not asked about before. */
  private int freePlaces() {
    int before = others;
    while (states.mayAsk("other" + others)) {
      others++;
    }
    for (int i = before; i < others; i++) {
      states.onUseless("other" + i);
    }
    return others - before;
  }
}
