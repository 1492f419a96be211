package io.aetherflow.local.node;

import io.aetherflow.local.node.ContainerState.Running;
import io.aetherflow.local.node.ContainerState.Terminated;
import io.aetherflow.local.node.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * One container of one pod: starts it, asks its probes, starts it again. Legal moves: Waiting to
 * Running ({@link #start}), Running to Waiting or Terminated (its end), and nothing from
 * Terminated. Belongs to the loop.
 */
final class ContainerWorker {
  static final String CREATING = "ContainerCreating";
  static final String CRASH_LOOP = "CrashLoopBackOff";

  /** What a container needs from its pod. */
  interface Pod {
    String ip();

    /** Makes the process. */
    PodProcess launch(Container container) throws ConfigProblem, IOException, UnknownImage;

    /** What its status tells of why it ended so, as its termination message policy says. */
    String lastWords(Container container, int exitCode);

    /** Whether a container that ended so is started again. */
    boolean restarts(int exitCode);

    /** Its state, readiness or restarts changed. */
    void changed();

    void event(String type, String reason, String message);
  }

  private final Loop loop;
  private final Clock clock;
  private final Container container;
  private final Pod pod;
  private final Backoff backoff = new Backoff();
  private final List<ProbeWorker> probes = new ArrayList<>();
  private ContainerState state = new Waiting(CREATING, "");
  private Terminated last;
  private int restarts;
  private boolean started;
  private boolean ready;
  private boolean stopping;
  private boolean suspending;
  private Loop.Planned nextStart = Loop.Planned.NONE;
  private Loop.Planned kill = Loop.Planned.NONE;

  ContainerWorker(Loop loop, Clock clock, Container container, Pod pod) {
    this.loop = loop;
    this.clock = clock;
    this.container = container;
    this.pod = pod;
  }

  Container container() {
    return container;
  }

  ContainerState state() {
    return state;
  }

  /** How it ended last, or null. */
  Terminated last() {
    return last;
  }

  int restarts() {
    return restarts;
  }

  boolean started() {
    return started;
  }

  boolean ready() {
    return ready;
  }

  /** Takes over what an earlier life of the node knew. */
  void remember(int restartsBefore, Terminated lastBefore) {
    restarts = restartsBefore;
    last = lastBefore;
  }

  /** Takes over a process that is still running. */
  void adopt(PodProcess process, Instant startedAt, boolean wasStarted, boolean wasReady) {
    started = wasStarted;
    ready = wasReady;
    run(process, startedAt);
  }

  /** Its process ended while no node was there to see it. */
  void missedEnd(Instant startedAt) {
    last = new Terminated(OptionalInt.empty(), startedAt, clock.instant(), "");
    if (pod.restarts(Terminated.UNKNOWN)) {
      restarts++;
    } else {
      state = last;
    }
  }

  /** It had ended for good before. */
  void endedBefore(Terminated end) {
    state = end;
  }

  /** Starts it, unless it runs, has ended for good, or waits out a crash. */
  void start() {
    if (stopping || !(state instanceof Waiting waiting) || waiting.reason().equals(CRASH_LOOP)) {
      return;
    }
    try {
      PodProcess process = pod.launch(container);
      started = container.getStartupProbe() == null;
      ready = started && container.getReadinessProbe() == null;
      run(process, clock.instant());
      pod.event("Normal", "Started", "Started container " + container.getName());
    } catch (UnknownImage e) {
      waitFor("ErrImagePull", e.getMessage(), "Failed");
    } catch (ConfigProblem e) {
      waitFor("CreateContainerConfigError", e.getMessage(), "Failed");
    } catch (IOException e) {
      waitFor("RunContainerError", e.getMessage(), "Failed");
      startAfter(backoff.afterRun(Duration.ZERO));
    }
    pod.changed();
  }

  /** What keeps it from starting, once per reason. */
  void waitFor(String reason, String message, String eventReason) {
    Waiting waiting = new Waiting(reason, message);
    if (!waiting.equals(state)) {
      state = waiting;
      pod.event("Warning", eventReason, message);
    }
  }

  private void run(PodProcess process, Instant startedAt) {
    state = new Running(process, startedAt);
    process
        .exit()
        .whenComplete((code, error) ->
            loop.execute(() -> onExit(process, error == null ? code : OptionalInt.empty())));
    if (started) {
      watchRunning();
    } else {
      watch(
          container.getStartupProbe(),
          "Startup",
          () -> {
            started = true;
            watchRunning();
            pod.changed();
          },
          this::kill);
    }
  }

  private void watchRunning() {
    stopProbes();
    if (container.getReadinessProbe() == null) {
      ready = true;
    } else {
      watch(
          container.getReadinessProbe(), "Readiness", () -> setReady(true), () -> setReady(false));
    }
    if (container.getLivenessProbe() != null) {
      watch(container.getLivenessProbe(), "Liveness", () -> {}, this::kill);
    }
  }

  private void watch(Probe probe, String kind, Runnable passed, Runnable failed) {
    ProbeWorker worker =
        new ProbeWorker(
            loop,
            probe,
            container,
            pod.ip(),
            new ProbeWorker.Listener() {
              @Override
              public void passed() {
                passed.run();
              }

              @Override
              public void failed(String why) {
                if (!stopping) {
                  pod.event("Warning", "Unhealthy", kind + " probe failed: " + why);
                }
                failed.run();
              }
            });
    probes.add(worker);
    worker.start();
  }

  private void setReady(boolean now) {
    if (ready != now) {
      ready = now;
      pod.changed();
    }
  }

  /** A container whose probe gave up is ended; its end starts it again. */
  private void kill() {
    stopProbes();
    if (state instanceof Running running) {
      pod.event("Normal", "Killing", "Container " + container.getName() + " failed its probe");
      terminate(running.process(), Duration.ofSeconds(1));
    }
  }

  /** Ends it for good; {@link Pod#changed} tells when it has ended. */
  void stop(Duration grace) {
    stopping = true;
    nextStart.cancel();
    stopProbes();
    if (state instanceof Running running) {
      terminate(running.process(), grace);
    }
  }

  /** Ends it so that the next life of the node starts it again. */
  void suspend(Duration grace) {
    suspending = true;
    stop(grace);
  }

  private void terminate(PodProcess process, Duration grace) {
    kill.cancel();
    if (grace.isZero()) {
      process.kill();
    } else {
      process.terminate();
      kill = loop.after(grace, process::kill);
    }
  }

  boolean running() {
    return state instanceof Running;
  }

  private void onExit(PodProcess process, OptionalInt code) {
    if (!(state instanceof Running running) || running.process() != process) {
      return;
    }
    kill.cancel();
    stopProbes();
    started = false;
    ready = false;
    Terminated end =
        new Terminated(
            code,
            running.startedAt(),
            clock.instant(),
            pod.lastWords(container, code.orElse(Terminated.UNKNOWN)));
    if (suspending) {
      last = end;
      restarts++;
      state = new Waiting(CREATING, "the node has stopped");
    } else if (stopping || !pod.restarts(end.code())) {
      state = end;
    } else {
      last = end;
      restarts++;
      startAfter(backoff.afterRun(Duration.between(end.startedAt(), end.finishedAt())));
    }
    pod.changed();
  }

  private void startAfter(Duration wait) {
    if (wait.isZero()) {
      state = new Waiting(CREATING, "");
      loop.execute(this::start);
      return;
    }
    String message =
        "back-off " + wait.toSeconds() + "s restarting failed container=" + container.getName();
    waitFor(CRASH_LOOP, message, "BackOff");
    nextStart =
        loop.after(
            wait,
            () -> {
              state = new Waiting(CREATING, "");
              start();
            });
  }

  private void stopProbes() {
    probes.forEach(ProbeWorker::stop);
    probes.clear();
  }
}
