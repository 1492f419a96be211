package io.aetherflow.e2e.collab;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Editors that write all the time, until closed. */
public final class Typing implements AutoCloseable {
  private static final Duration BETWEEN_OPS = Duration.ofMillis(40);

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  private Typing() {}

  public static Typing of(Editor... editors) {
    Typing typing = new Typing();
    typing.clock.scheduleAtFixedRate(
        () -> List.of(editors).forEach(editor -> editor.write(1)),
        0,
        BETWEEN_OPS.toMillis(),
        TimeUnit.MILLISECONDS);
    return typing;
  }

  @Override
  public void close() {
    clock.close();
  }
}
