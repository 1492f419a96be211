package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.MalformedException;
import io.aetherflow.gateway.yjs.YjsMessage;
import io.aetherflow.gateway.yjs.YjsUpdate;
import io.aetherflow.gateway.yjs.YjsUpdate.Range;
import java.util.List;
import org.junit.jupiter.api.Test;

final class JoinQuestionTest {
  private static final List<Range> STRUCTS = List.of(new Range(1, 0, 10), new Range(2, 0, 5));
  private static final List<Range> DELETIONS = List.of(new Range(1, 3, 4));
  private static final YjsUpdate LOG = new YjsUpdate(STRUCTS, DELETIONS);

  private final JoinQuestion question = new JoinQuestion(coverage(), 7, true);

  private static Coverage coverage() {
    Coverage ofLog = new Coverage();
    ofLog.add(LOG);
    return ofLog;
  }

  @Test
  void exactlyTheLogIsWholeAndNoNews() {
    assertThat(question.isAnsweredWholly(LOG)).isTrue();
    assertThat(question.hasNews(LOG)).isFalse();
  }

  @Test
  void anAnswerThatLacksAStructOrADeletionIsNotWhole() {
    YjsUpdate oneStructLess =
        new YjsUpdate(List.of(new Range(1, 0, 10), new Range(2, 0, 4)), DELETIONS);
    YjsUpdate noDeletion = new YjsUpdate(STRUCTS, List.of());
    assertThat(question.isAnsweredWholly(oneStructLess)).isFalse();
    assertThat(question.isAnsweredWholly(noDeletion)).isFalse();
    assertThat(question.isAnsweredWholly(new YjsUpdate(List.of(), List.of()))).isFalse();
  }

  @Test
  void aFurtherStructOrDeletionIsNews() {
    YjsUpdate furtherStruct =
        new YjsUpdate(List.of(new Range(1, 0, 11), new Range(2, 0, 5)), DELETIONS);
    YjsUpdate furtherDeletion = new YjsUpdate(STRUCTS, List.of(new Range(1, 3, 5)));
    assertThat(question.hasNews(furtherStruct)).isTrue();
    assertThat(question.hasNews(furtherDeletion)).isTrue();
  }

  @Test
  void everythingIsAskedForWithAnEmptyVectorAndNewsWithTheLogs() throws MalformedException {
    assertThat(vector(question)).containsExactly(0);
    assertThat(vector(question.forNews())).isEqualTo(question.ofLog().vector()).hasSize(5);
  }

  private static byte[] vector(JoinQuestion asked) throws MalformedException {
    return ((YjsMessage.SyncStep1) YjsMessage.parse(asked.message())).vector();
  }
}
