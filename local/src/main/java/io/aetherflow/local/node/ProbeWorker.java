package io.aetherflow.local.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.time.Duration;
import java.util.Optional;

/**
 * One probe of one running container: asks every period, counts, and tells its listener when a
 * threshold is reached. Belongs to the loop.
 */
final class ProbeWorker {
  private static final int DEFAULT_PERIOD_SECONDS = 10;
  private static final int DEFAULT_FAILURES = 3;

  /** Hears the verdicts, on the loop. */
  interface Listener {
    /** Enough successes in a row; repeated with every further one. */
    void passed();

    /** Enough failures in a row; repeated with every further one. */
    void failed(String why);
  }

  private final Loop loop;
  private final Probe probe;
  private final Container container;
  private final String podIp;
  private final Listener listener;
  private Loop.Planned next = Loop.Planned.NONE;
  private boolean stopped;
  private int successes;
  private int failures;

  ProbeWorker(Loop loop, Probe probe, Container container, String podIp, Listener listener) {
    this.loop = loop;
    this.probe = probe;
    this.container = container;
    this.podIp = podIp;
    this.listener = listener;
  }

  void start() {
    next = loop.after(seconds(probe.getInitialDelaySeconds(), 0), this::ask);
  }

  void stop() {
    stopped = true;
    next.cancel();
  }

  private void ask() {
    Thread.ofVirtual()
        .name("probe")
        .start(() -> {
          Optional<String> problem = Prober.ask(probe, container, podIp);
          loop.execute(() -> onAnswer(problem));
        });
  }

  private void onAnswer(Optional<String> problem) {
    if (stopped) {
      return;
    }
    successes = problem.isEmpty() ? successes + 1 : 0;
    failures = problem.isEmpty() ? 0 : failures + 1;
    next = loop.after(seconds(probe.getPeriodSeconds(), DEFAULT_PERIOD_SECONDS), this::ask);
    if (problem.isEmpty() && successes >= count(probe.getSuccessThreshold(), 1)) {
      listener.passed();
    } else if (problem.isPresent()
        && failures >= count(probe.getFailureThreshold(), DEFAULT_FAILURES)) {
      listener.failed(problem.get());
    }
  }

  private static Duration seconds(Integer given, int fallback) {
    return Duration.ofSeconds(count(given, fallback));
  }

  private static int count(Integer given, int fallback) {
    return given == null ? fallback : given;
  }
}
