package io.aetherflow.runtime.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TuningDecisionTest {

  @Test
  void appliesARevisionWhoseKeysWereWrittenTogether() {
    assertThat(TuningDecision.of(entries(7)))
        .isEqualTo(new TuningDecision.Apply(7, Tuning.DEFAULT));
  }

  @Test
  void waitsWhileKeysAreOfDifferentRevisionsOrMissing() {
    Map<String, Versioned> mixed = entries(7);
    mixed.put("/config/quantum/max-cwnd", new Versioned("64", 8));
    assertThat(TuningDecision.of(mixed)).isEqualTo(new TuningDecision.Wait());
    Map<String, Versioned> missing = entries(7);
    missing.remove("/config/logging/level");
    assertThat(TuningDecision.of(missing)).isEqualTo(new TuningDecision.Wait());
    assertThat(TuningDecision.of(Map.of())).isEqualTo(new TuningDecision.Wait());
  }

  @Test
  void aStrangersKeyBesideOursChangesNothing() {
    Map<String, Versioned> entries = entries(7);
    entries.put("/config/other", new Versioned("x", 99));
    assertThat(TuningDecision.of(entries)).isEqualTo(new TuningDecision.Apply(7, Tuning.DEFAULT));
  }

  @Test
  void refusesAWholeRevisionForOneBadValue() {
    Map<String, Versioned> entries = entries(7);
    entries.put("/config/quantum/fec-ratio", new Versioned("1.5", 7));
    assertThat(TuningDecision.of(entries))
        .isEqualTo(
            new TuningDecision.Refuse(
                7, Map.of("/config/quantum/fec-ratio", "'1.5' is outside 0 to 1")));
  }

  private static Map<String, Versioned> entries(long revision) {
    Map<String, Versioned> entries = new HashMap<>();
    Tuning.DEFAULT
        .entries()
        .forEach((key, value) -> entries.put(key, new Versioned(value, revision)));
    return entries;
  }
}
