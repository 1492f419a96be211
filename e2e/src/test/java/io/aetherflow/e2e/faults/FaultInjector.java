package io.aetherflow.e2e.faults;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.Processes.Proc;
import io.aetherflow.e2e.faults.Fault.Blow;
import io.aetherflow.e2e.faults.Fault.Target;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does faults to a cluster's processes and makes sure that each took effect. A component is hit
 * again only when all its pods are back: what is promised is to survive the loss of any one
 * process. Used by one thread.
 */
final class FaultInjector implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FaultInjector.class);
  private static final Duration EFFECT_TIMEOUT = Duration.ofSeconds(15);

  /** Threads that were in the kernel stop a moment after the process counts as stopped. */
  private static final long STOPPING_TICKS = 5;

  private final Cluster cluster;
  private final EtcdFleet etcd;
  private final FaultDeck deck;
  private final Map<Target, Integer> replicas = new EnumMap<>(Target.class);
  private final Map<Target, Proc> paused = new ConcurrentHashMap<>();
  private final List<String> ineffective = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<Void>> resumptions = new ArrayList<>();

  /**
   * A fault that was done.
   *
   * @param shards those the process owned, when it was an owner
   * @param leader whether it led etcd
   */
  record Hit(Fault fault, String pod, long atNs, Set<Integer> shards, boolean leader) {}

  FaultInjector(Cluster cluster, EtcdFleet etcd, FaultDeck deck) {
    this.cluster = cluster;
    this.etcd = etcd;
    this.deck = deck;
    for (Target target : Target.values()) {
      replicas.put(target, cluster.pods(target.component()).size());
    }
  }

  int replicas(Target target) {
    return replicas.get(target);
  }

  /** Sentences about faults that did nothing; empty when all took effect. */
  List<String> ineffective() {
    return ineffective;
  }

  /** Does the next fault there is; empty while every component still recovers. */
  Optional<Hit> next() {
    return deck.next(this::whole).flatMap(this::strike);
  }

  private boolean whole(Target target) {
    if (paused.containsKey(target)) {
      return false;
    }
    List<Pod> pods = cluster.pods(target.component());
    boolean ready =
        pods.size() == replicas.get(target) && pods.stream().allMatch(FaultInjector::ready);
    return switch (target) {
      case ETCD -> ready && etcd.complete(replicas.get(target));
      case OWNER -> ready && etcd.owners().values().stream().distinct().count() == pods.size();
      case GATEWAY, SESSION -> ready;
    };
  }

  private static boolean ready(Pod pod) {
    List<ContainerStatus> containers = pod.getStatus().getContainerStatuses();
    return !containers.isEmpty()
        && containers.stream().allMatch(each -> Boolean.TRUE.equals(each.getReady()));
  }

  /** Empty when its victim went away in this moment. */
  private Optional<Hit> strike(Fault fault) {
    Map<Integer, String> owners = fault.target() == Target.OWNER ? etcd.owners() : Map.of();
    Optional<Pod> victim = victim(fault.target(), owners);
    if (victim.isEmpty()) {
      return Optional.empty();
    }
    Pod pod = victim.get();
    String name = pod.getMetadata().getName();
    Set<Integer> shards =
        owners.entrySet().stream()
            .filter(owner -> owner.getValue().equals(name))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    boolean leader = fault.target() == Target.ETCD && etcd.leads(pod);
    Proc process = cluster.local().processes().ofPod(pod);
    long atNs = System.nanoTime();
    switch (fault.blow()) {
      case Blow.Kill() -> kill(pod, process);
      case Blow.Pause(Duration time) -> pause(fault.target(), process, time);
    }
    Hit hit = new Hit(fault, name, atNs, shards, leader);
    LOG.info(
        "{} {}{}{}",
        fault.blow(),
        name,
        leader ? ", etcd's leader" : "",
        shards.isEmpty() ? "" : ", owner of " + shards.size() + " shards");
    return Optional.of(hit);
  }

  /** Each document's owner is as likely as the share of shards it owns. */
  private Optional<Pod> victim(Target target, Map<Integer, String> owners) {
    List<Pod> pods = cluster.pods(target.component());
    if (target != Target.OWNER) {
      return pods.isEmpty() ? Optional.empty() : Optional.of(deck.pick(pods));
    }
    if (owners.isEmpty()) {
      return Optional.empty();
    }
    String owner = deck.pick(List.copyOf(new TreeMap<>(owners).values()));
    return pods.stream().filter(pod -> pod.getMetadata().getName().equals(owner)).findFirst();
  }

  private void kill(Pod pod, Proc process) {
    process.kill();
    Awaitility.await(process + " is dead")
        .pollInterval(Duration.ofMillis(20))
        .atMost(EFFECT_TIMEOUT)
        .until(() -> !process.isAlive());
    boolean wouldWait =
        pod.getStatus().getContainerStatuses().stream()
            .anyMatch(each -> each.getRestartCount() > 0);
    if (wouldWait) {
      // A kubelet holds back what ends again and again; a lost machine's pods are made anew.
      cluster.client().resource(pod).withGracePeriod(0).delete();
    }
  }

  private void pause(Target target, Proc process, Duration time) {
    process.pause();
    try {
      Awaitility.await(process + " is paused")
          .pollInterval(Duration.ofMillis(20))
          .atMost(EFFECT_TIMEOUT)
          .until(process::isPaused);
    } catch (ConditionTimeoutException e) {
      process.resume();
      throw e;
    }
    long ticks = process.cpuTicks();
    paused.put(target, process);
    resumptions.add(
        CompletableFuture.runAsync(
            () -> resume(target, process, time, ticks),
            CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)));
  }

  private void resume(Target target, Proc process, Duration time, long ticksBefore) {
    try {
      if (process.isPaused()) {
        if (process.cpuTicks() > ticksBefore + STOPPING_TICKS) {
          ineffective.add(process + " ran while it was paused for " + time);
        }
        process.resume();
      } else if (process.isAlive()) {
        ineffective.add(process + " was not paused for " + time);
      } else {
        LOG.info("{} was ended while it was paused", process);
      }
    } finally {
      paused.remove(target);
    }
  }

  /** No process stays paused. */
  @Override
  public void close() {
    awaitResumed();
  }

  /** Waits for the last pause to end. */
  void awaitResumed() {
    CompletableFuture.allOf(resumptions.toArray(CompletableFuture[]::new)).join();
  }

  @Override
  public String toString() {
    return Arrays.stream(Target.values())
        .map(target -> replicas.get(target) + " " + target.component())
        .collect(Collectors.joining(", "));
  }
}
