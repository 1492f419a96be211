package io.aetherflow.runtime.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.runtime.trace.Guuid;
import java.time.Clock;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplingTest {
  private static final int REQUESTS = 20_000;

  @Test
  void takesItsShareOfRequestsOfOneMoment() {
    for (double ratio : new double[] {0.01, 0.1, 0.5, 0.9}) {
      double deviation = Math.sqrt(REQUESTS * ratio * (1 - ratio));
      assertThat((double) recorded(ratio))
          .isBetween(REQUESTS * ratio - 5 * deviation, REQUESTS * ratio + 5 * deviation);
    }
    assertThat(recorded(0)).isZero();
    assertThat(recorded(1)).isEqualTo(REQUESTS);
  }

  @Test
  void decidesByTheLast56BitsAsConsistentProbabilitySamplingDoes() {
    Sampling half = Sampling.of(0.5);
    assertThat(half.records("01890a5d-ac96-774b-bc7f-ffffffffffff")).isFalse();
    assertThat(half.records("01890a5d-ac96-774b-bc80-000000000000")).isTrue();
    assertThat(half.records("01890a5d-ac96-774b-80ff-000000000000")).isTrue();
  }

  @Test
  void whatIsNoGuuidIsNotRecorded() {
    assertThat(Sampling.of(1).records("")).isFalse();
    assertThat(Sampling.of(1).records("01890a5dac96774bbcceb302099a8057")).isFalse();
  }

  private static long recorded(double ratio) {
    Sampling sampling = Sampling.of(ratio);
    Guuid guuids = new Guuid(Clock.systemUTC(), new Random(1));
    return IntStream.range(0, REQUESTS).filter(i -> sampling.records(guuids.create())).count();
  }
}
