package io.aetherflow.gateway.cluster;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.EtcdSession;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/** Pods as they registered themselves in etcd; a killed one stays up to 30 s. */
public final class EtcdPods implements Pods, AutoCloseable {
  private final int metricsPort;
  private final PrefixMirror services;
  private final PrefixMirror tunings;
  private volatile Map<String, Versioned> addresses = Map.of();
  private volatile Map<String, Versioned> applied = Map.of();

  /**
   * @param metricsPort of every pod
   */
  public EtcdPods(
      EtcdSession session,
      ScheduledExecutorService scheduler,
      RandomGenerator random,
      int metricsPort) {
    this.metricsPort = metricsPort;
    this.services =
        new PrefixMirror(
            session.client(), EtcdKeys.SERVICES, scheduler, random, now -> addresses = now);
    this.tunings =
        new PrefixMirror(
            session.client(), EtcdKeys.STATUS_QUANTUM, scheduler, random, now -> applied = now);
    session.onLeaseChange(_ -> {
      services.resync();
      tunings.resync();
    });
  }

  @Override
  public List<Pod> now() {
    return pods(addresses, applied, metricsPort);
  }

  static List<Pod> pods(
      Map<String, Versioned> addresses, Map<String, Versioned> applied, int metricsPort) {
    List<Pod> pods = new ArrayList<>();
    addresses.forEach((key, address) -> {
      String[] path = key.substring(EtcdKeys.SERVICES.length()).split("/");
      int colon = address.value().lastIndexOf(':');
      if (path.length == 2 && colon > 0) {
        String host = address.value().substring(0, colon);
        pods.add(
            new Pod(
                path[0],
                path[1],
                URI.create("http://" + host + ":" + metricsPort + "/metrics"),
                tuning(applied.get(EtcdKeys.appliedTuning(path[0], path[1])))));
      }
    });
    return List.copyOf(pods);
  }

  private static Optional<AppliedTuning> tuning(Versioned value) {
    try {
      return Optional.ofNullable(value).map(each -> AppliedTuning.fromJson(each.value()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    services.close();
    tunings.close();
  }
}
