package io.aetherflow.statesync.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.Seekers.Seeker;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SeekersTest {
  private static final long LONG_MILLIS = 60_000;

  private final Loop loop = new Loop("documents");
  private final BlockingQueue<Location> answers = new LinkedBlockingQueue<>();
  private volatile Location now = new Location("s-0", "a:1", 7);
  private final Seekers seekers = new Seekers(loop, shard -> now);

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  @Test
  void anyOwnerIsToldAtOnceToWhoWasRefusedByNone() throws Exception {
    seek(0, LONG_MILLIS);
    assertThat(answers.take().epoch()).isEqualTo(7);
    now = Location.NOWHERE;
    seek(0, LONG_MILLIS);
    assertThat(waiting()).isEmpty();
    become(new Location("s-1", "b:1", 0));
    assertThat(answers.take().owner()).isEqualTo("s-1");
  }

  @Test
  void whoWasRefusedWaitsForAnotherEpoch() throws Exception {
    seek(7, LONG_MILLIS);
    become(new Location("s-1", "b:1", 0));
    become(new Location("s-0", "a:1", 7));
    assertThat(waiting()).isEmpty();
    become(new Location("s-1", "b:1", 9));
    assertThat(answers.take().epoch()).isEqualTo(9);
    seek(7, LONG_MILLIS);
    assertThat(answers.take().epoch()).isEqualTo(9);
  }

  @Test
  void whoWasRefusedBeforeAClaimWaitsForIt() throws Exception {
    now = new Location("s-1", "b:1", 0);
    seek(-1, LONG_MILLIS);
    assertThat(waiting()).isEmpty();
    become(new Location("s-1", "b:1", 3));
    assertThat(answers.take().epoch()).isEqualTo(3);
  }

  @Test
  void whenTheTimeIsUpWhatIsKnownIsTold() throws Exception {
    seek(7, 50);
    assertThat(answers.poll(10, TimeUnit.SECONDS).epoch()).isEqualTo(7);
    become(new Location("s-1", "b:1", 9));
    assertThat(waiting()).as("told once").isEmpty();
  }

  private void seek(long staleEpoch, long millis) {
    loop.execute(() -> seekers.add(new Seeker(1, staleEpoch, answers::add), millis));
  }

  private void become(Location location) {
    loop.execute(() -> {
      now = location;
      seekers.review();
    });
  }

  /** The answers given by everything that was asked so far. */
  private BlockingQueue<Location> waiting() throws Exception {
    loop.submit(() -> {}).get();
    return answers;
  }
}
