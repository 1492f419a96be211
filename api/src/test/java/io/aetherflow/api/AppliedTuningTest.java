package io.aetherflow.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AppliedTuningTest {

  @Test
  void survivesARoundTrip() {
    var applied = new AppliedTuning(812, "2026-11-23T00:00:00Z", Map.of("k", "why"), "uid", "t");
    assertThat(AppliedTuning.fromJson(applied.toJson())).isEqualTo(applied);
  }

  @Test
  void toleratesFieldsOfALaterVersion() {
    assertThat(AppliedTuning.fromJson("{\"revision\":3,\"later\":true}").revision()).isEqualTo(3);
  }

  @Test
  void refusesOtherText() {
    assertThatThrownBy(() -> AppliedTuning.fromJson("oops"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
