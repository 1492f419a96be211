package io.aetherflow.runtime.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GuuidTest {

  @Test
  void isAVersion7UuidOfItsMillisecond() {
    Instant now = Instant.ofEpochMilli(1_700_000_000_123L);
    UUID uuid =
        UUID.fromString(new Guuid(Clock.fixed(now, ZoneOffset.UTC), new Random(1)).create());
    assertThat(uuid.version()).isEqualTo(7);
    assertThat(uuid.variant()).isEqualTo(2);
    assertThat(uuid.getMostSignificantBits() >>> 16).isEqualTo(now.toEpochMilli());
  }

  @Test
  void nothingButAUuidIsPassedOn() {
    assertThat(Guuid.valid("01890a5d-ac96-774b-bcce-b302099a8057")).isTrue();
    assertThat(Guuid.valid(null)).isFalse();
    assertThat(Guuid.valid("1-1-1-1-1")).isFalse();
    assertThat(Guuid.valid("01890a5d-ac96-774b-bcce-b302099a805\n")).isFalse();
  }
}
