package io.aetherflow.statesync.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.statesync.document.Sequencer.Crowded;
import io.aetherflow.statesync.document.Sequencer.Fresh;
import io.aetherflow.statesync.document.Sequencer.Repeated;
import io.aetherflow.statesync.document.Sequencer.Stale;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SequencerTest {
  private final Sequencer sequencer = new Sequencer();

  @Test
  void aRepeatedDraftGetsItsFirstPlaceAgain() {
    assertThat(sequencer.place("a", 1)).isEqualTo(new Fresh(1));
    assertThat(sequencer.place("b", 1)).isEqualTo(new Fresh(2));
    assertThat(sequencer.place("a", 1)).isEqualTo(new Repeated(1));
    assertThat(sequencer.place("a", 5)).isEqualTo(new Fresh(3));
    assertThat(sequencer.place("a", 4))
        .as("refused for want of room before, sent again after a later one")
        .isEqualTo(new Fresh(4));
    assertThat(sequencer.place("a", 4)).isEqualTo(new Repeated(4));
    assertThat(sequencer.placed()).isEqualTo(4);
  }

  @Test
  void aRepeatBeyondWhatIsRememberedIsRefusedNotStoredTwice() {
    for (int i = 1; i <= RecentPlaces.PLACES_MAX + 1; i++) {
      assertThat(sequencer.place("a", i)).isEqualTo(new Fresh(i));
    }
    assertThat(sequencer.place("a", 2)).isEqualTo(new Repeated(2));
    assertThat(sequencer.place("a", 1)).isEqualTo(new Stale(1));
  }

  @Test
  void aClientIsNotForgottenForAllTheOthersThatWriteAfterIt() {
    sequencer.place("first", 1);
    for (int i = 1; i < Clients.CLIENTS_MAX; i++) {
      sequencer.place("client-" + i, 1);
    }
    assertThat(sequencer.place("first", 1)).isEqualTo(new Stale(1));
    assertThat(sequencer.place("first", 2)).isEqualTo(new Fresh(Clients.CLIENTS_MAX + 1L));
    assertThat(sequencer.place("one too many", 1)).isEqualTo(new Crowded());
  }

  @Test
  void onlyACommitMovesTheHead() {
    sequencer.place("a", 1);
    sequencer.place("a", 2);
    assertThat(sequencer.head()).isZero();
    assertThat(sequencer.placed()).isEqualTo(2);
    sequencer.committed(1);
    assertThat(sequencer.head()).isEqualTo(1);
    assertThatThrownBy(() -> sequencer.committed(3)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aHoleInTheLogIsNeverHidden() {
    sequencer.replay(operation(1, "a", 1));
    assertThatThrownBy(() -> sequencer.replay(operation(3, "a", 2)))
        .hasMessage("the log has a hole: operation 3 follows 1");
  }

  @Property(tries = 300)
  void placesHaveNoHoleAndReplayRestoresThem(
      @ForAll @Size(max = 60) List<@IntRange(min = 0, max = 3) Integer> clients,
      @ForAll @IntRange(min = 1, max = 8) int repeatEvery) {
    List<Operation> log = new ArrayList<>();
    Map<String, Long> last = new HashMap<>();
    Sequencer live = new Sequencer();
    for (int i = 0; i < clients.size(); i++) {
      String client = "c" + clients.get(i);
      boolean repeat = i % repeatEvery == 0 && last.containsKey(client);
      long clientSeq = repeat ? last.get(client) : last.merge(client, 1L, Long::sum);
      if (live.place(client, clientSeq) instanceof Fresh(long seq)) {
        assertThat(seq).isEqualTo(log.size() + 1);
        log.add(operation(seq, client, clientSeq));
      }
    }
    Sequencer restored = new Sequencer();
    log.forEach(restored::replay);
    assertThat(restored.head()).isEqualTo(live.placed()).isEqualTo(log.size());
    for (Operation operation : log) {
      assertThat(restored.place(operation.getClientId(), operation.getClientSeq()))
          .isEqualTo(new Repeated(operation.getSeq()));
    }
  }

  private static Operation operation(long seq, String client, long clientSeq) {
    return Operation.newBuilder().setSeq(seq).setClientId(client).setClientSeq(clientSeq).build();
  }
}
