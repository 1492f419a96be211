package io.aetherflow.runtime.tuning;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.PodIdentity;
import io.aetherflow.runtime.etcd.EtcdSession;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies each tuning revision as a whole or not at all, and confirms it.
 *
 * <p>A listener that throws makes the revision refused: the pod does not run it. Listeners are
 * called one at a time. {@link #current()} may be read from any thread.
 */
public final class TuningWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TuningWatch.class);

  private record State(long revision, Tuning tuning, String appliedAt) {}

  /** How late a change of etcd's authorities may be told; a mount tells nobody of it. */
  private static final long TRUST_SECONDS = 10;

  private final PodIdentity pod;
  private final EtcdSession session;
  private final Clock clock;
  private final List<Consumer<Tuning>> listeners = new CopyOnWriteArrayList<>();
  private final PrefixMirror mirror;
  private final Supplier<String> etcdTrust;
  private volatile State state;
  private String confirmed = "";
  private Map<String, String> rejected = Map.of();

  /**
   * @param start tuning to run until etcd answers
   * @param etcdTrust names the authorities by which etcd is checked now, empty without TLS; may
   *     read a file
   */
  public TuningWatch(
      PodIdentity pod,
      EtcdSession session,
      Tuning start,
      Supplier<String> etcdTrust,
      Clock clock,
      ScheduledExecutorService scheduler,
      RandomGenerator random) {
    this.pod = pod;
    this.session = session;
    this.etcdTrust = etcdTrust;
    this.clock = clock;
    this.state = new State(0, start, clock.instant().toString());
    this.mirror =
        new PrefixMirror(session.client(), EtcdKeys.CONFIG, scheduler, random, this::onConfig);
    session.onLeaseChange(lease -> mirror.resync());
    scheduler.scheduleWithFixedDelay(
        this::tellTrust, TRUST_SECONDS, TRUST_SECONDS, TimeUnit.SECONDS);
  }

  public Tuning current() {
    return state.tuning();
  }

  /** Mod revision of the tuning that runs; 0 before the first. */
  public long revision() {
    return state.revision();
  }

  /** Called with every later tuning, and with the present one at once. */
  public void onChange(Consumer<Tuning> listener) {
    listeners.add(listener);
    listener.accept(state.tuning());
  }

  private void onConfig(Map<String, Versioned> entries) {
    switch (TuningDecision.of(entries)) {
      case TuningDecision.Apply(long revision, Tuning tuning) -> apply(revision, tuning);
      case TuningDecision.Refuse(long revision, Map<String, String> reasons) ->
          refuse(revision, reasons);
      case TuningDecision.Wait() ->
          LOG.atDebug().addKeyValue("action", "tuning_incomplete").log("no whole revision yet");
    }
  }

  private void apply(long revision, Tuning tuning) {
    // An etcd that lost its data can reach the same number with other values.
    if (revision == state.revision() && tuning.equals(state.tuning())) {
      confirm(Map.of());
      return;
    }
    try {
      if (!tuning.equals(state.tuning())) {
        listeners.forEach(listener -> listener.accept(tuning));
      }
    } catch (RuntimeException e) {
      listeners.forEach(listener -> revert(listener, state.tuning()));
      refuse(revision, Map.of(EtcdKeys.CONFIG, String.valueOf(e.getMessage())));
      return;
    }
    state = new State(revision, tuning, clock.instant().toString());
    confirm(Map.of());
    LOG.atInfo()
        .addKeyValue("action", "tuning_applied")
        .addKeyValue("revision", revision)
        .log("running tuning revision {}", revision);
  }

  private static void revert(Consumer<Tuning> listener, Tuning last) {
    try {
      listener.accept(last);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("action", "tuning_revert_failed").setCause(e).log(e.getMessage());
    }
  }

  private void refuse(long revision, Map<String, String> reasons) {
    LOG.atWarn()
        .addKeyValue("action", "tuning_refused")
        .log("keeping revision {}; refused {}: {}", state.revision(), revision, reasons);
    confirm(reasons);
  }

  private synchronized void confirm(Map<String, String> refused) {
    rejected = refused;
    State now = state;
    String json =
        new AppliedTuning(
                now.revision(),
                now.appliedAt(),
                refused,
                pod.uid(),
                pod.startedAt().toString(),
                etcdTrust.get())
            .toJson();
    if (!json.equals(confirmed)) {
      confirmed = json;
      session.put(EtcdKeys.appliedTuning(pod.service(), pod.name()), json);
    }
  }

  /** Before the first confirmation there is nothing to add to. */
  private synchronized void tellTrust() {
    if (!confirmed.isEmpty()) {
      confirm(rejected);
    }
  }

  @Override
  public void close() {
    mirror.close();
  }
}
