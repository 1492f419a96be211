package io.aetherflow.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TuningTest {

  @Test
  void printsTheDocumentedKeysAndValues() {
    assertThat(Tuning.DEFAULT.entries())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "/config/quantum/fec-mode", "adaptive",
                "/config/quantum/fec-ratio", "0.3",
                "/config/quantum/fec-group-size", "10",
                "/config/quantum/fec-flush-millis", "4",
                "/config/quantum/bbr-startup-gain", "2.77",
                "/config/quantum/max-cwnd", "65536",
                "/config/logging/level", "info"));
  }

  @Property
  void parsingInvertsPrinting(
      @ForAll FecMode mode,
      @ForAll @IntRange(min = 1, max = 64) int groupSize,
      @ForAll @IntRange(min = 0, max = 100) int ratio,
      @ForAll @IntRange(min = 150, max = 400) int gain,
      @ForAll @IntRange(min = 4, max = 1 << 20) int cwnd,
      @ForAll LogLevel level) {
    Tuning tuning = new Tuning(mode, groupSize, ratio, 4, gain, cwnd, level);
    assertThat(Tuning.parse(tuning.entries())).isEqualTo(new Tuning.Parsed.Valid(tuning));
  }

  @Test
  void oneBadKeyRefusesTheRevisionAndSaysWhy() {
    Map<String, String> entries = new HashMap<>(Tuning.DEFAULT.entries());
    entries.put("/config/quantum/fec-ratio", "1.5");
    entries.put("/config/quantum/max-cwnd", "many");
    entries.remove("/config/logging/level");
    assertThat(Tuning.parse(entries))
        .isEqualTo(
            new Tuning.Parsed.Rejected(
                Map.of(
                    "/config/quantum/fec-ratio", "'1.5' is outside 0 to 1",
                    "/config/quantum/max-cwnd", "'many' is not a valid value",
                    "/config/logging/level", "missing")));
  }

  @Test
  void unknownKeysAreIgnored() {
    Map<String, String> entries = new HashMap<>(Tuning.DEFAULT.entries());
    entries.put("/config/quantum/from-the-future", "1");
    assertThat(Tuning.parse(entries)).isEqualTo(new Tuning.Parsed.Valid(Tuning.DEFAULT));
  }

  @Property
  void noTextEscapesAsAnException(@ForAll String value) {
    for (String key : Tuning.DEFAULT.entries().keySet()) {
      Map<String, String> entries = new HashMap<>(Tuning.DEFAULT.entries());
      entries.put(key, value);
      Tuning.parse(entries);
    }
  }
}
