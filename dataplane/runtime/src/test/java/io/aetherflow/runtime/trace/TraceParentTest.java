package io.aetherflow.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceParentTest {
  private static final String GUUID = "01890a5d-ac96-774b-bcce-b302099a8057";
  private static final String HEADER = "00-01890a5dac96774bbcceb302099a8057-00000000000000ff-01";

  @Test
  void theTraceIdIsTheGuuid() {
    assertThat(new TraceParent(GUUID, 255, true).header()).isEqualTo(HEADER);
    assertThat(new TraceParent(GUUID, -1, false).header())
        .isEqualTo("00-01890a5dac96774bbcceb302099a8057-ffffffffffffffff-00");
  }

  @Test
  void whatWasWrittenIsRead() {
    assertThat(TraceParent.parse(HEADER)).contains(new TraceParent(GUUID, 255, true));
    TraceParent unrecorded = new TraceParent(GUUID, -1, false);
    assertThat(TraceParent.parse(unrecorded.header())).contains(unrecorded);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        "00",
        "01-01890a5dac96774bbcceb302099a8057-00000000000000ff-01",
        "00-01890a5dac96774bbcceb302099a8057-0000000000000000-01",
        "00-01890A5DAC96774BBCCEB302099A8057-00000000000000ff-01",
        "00-01890a5dac96774bbcceb302099a805x-00000000000000ff-01",
        "00-01890a5dac96774bbcceb302099a8057-00000000000000fx-01",
        "00-01890a5dac96774bbcceb302099a8057-00000000000000ff-0x",
        "00-01890a5dac96774bbcceb302099a8057 00000000000000ff-01",
        "00-01890a5dac96774bbcceb302099a8057-00000000000000ff-011"
      })
  void nothingElseIsRead(String header) {
    assertThat(TraceParent.parse(header)).isEmpty();
  }
}
