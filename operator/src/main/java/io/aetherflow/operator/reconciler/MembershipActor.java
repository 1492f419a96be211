package io.aetherflow.operator.reconciler;

import io.aetherflow.operator.etcd.EtcdCommand;
import io.aetherflow.operator.etcd.EtcdLinks;
import io.aetherflow.operator.etcd.Membership;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the steps that {@link Membership} decides. Never waits. Thread-safe. */
final class MembershipActor {
  private static final Logger LOG = LoggerFactory.getLogger(MembershipActor.class);

  private final KubernetesClient client;
  private final EtcdLinks<ResourceID> etcds;

  /** Of which members the volumes are gone already; one entry for each that a cluster ever had. */
  private final Set<Discarded> discarded = ConcurrentHashMap.newKeySet();

  /** Ids of pods that were deleted and may still look alive in a cache. */
  private final Set<String> restarted = ConcurrentHashMap.newKeySet();

  private record Discarded(ResourceID cluster, String member) {}

  MembershipActor(KubernetesClient client, EtcdLinks<ResourceID> etcds) {
    this.client = client;
    this.etcds = etcds;
  }

  /** Whether nothing more comes of this step by itself, or the cluster must be looked at soon. */
  enum Outcome {
    STARTED,
    LOOK_AGAIN
  }

  /**
   * @param setPods pods that the StatefulSet has, or is about to have
   * @param pods the cluster's pods as they are
   */
  Outcome act(ResourceID id, Names names, MembershipStep step, int setPods, List<Pod> pods) {
    Optional<EtcdCommand> order = Optional.empty();
    Outcome outcome = Outcome.STARTED;
    switch (step) {
      case MembershipStep.Nothing nothing -> {}
      case MembershipStep.Wait wait -> {}
      case MembershipStep.Restore restore -> {}
      case MembershipStep.RestoreFailed failed -> {}
      case MembershipStep.Order wanted -> {
        if (wanted.command() instanceof EtcdCommand.AddLearner add
            && !isClear(names, add.name(), setPods, pods)) {
          outcome = Outcome.LOOK_AGAIN;
        } else {
          order = Optional.of(wanted.command());
        }
      }
      case MembershipStep.RestartPod restart -> deletePod(names, restart.name(), pods);
      case MembershipStep.DiscardVolume discard -> {
        Discarded done = new Discarded(id, discard.id());
        if (!discarded.contains(done)) {
          claim(names, discard.name()).delete();
          deletePod(names, discard.name(), pods);
          discarded.add(done);
          LOG.atWarn()
              .addKeyValue("action", "etcd_volume_discarded")
              .log("volume of {} deleted", discard.name());
        }
      }
    }
    etcds.order(id, order);
    return outcome;
  }

  /** The cluster is gone; the members of the next one of its name have the same ids. */
  void forget(ResourceID id) {
    discarded.removeIf(done -> done.cluster().equals(id));
  }

  /** Pods that were deleted by {@link #restart} and may still look alive. */
  Set<String> restarted() {
    return restarted;
  }

  /**
   * Deletes a pod whose template changed; its StatefulSet makes it again. Only the very pod that
   * was seen: its successor of the same name is safe.
   */
  Outcome restart(Pod pod) {
    String uid = pod.getMetadata().getUid();
    if (!restarted.add(uid)) {
      return Outcome.STARTED;
    }
    try {
      client.resource(pod).lockResourceVersion().delete();
      LOG.atInfo()
          .addKeyValue("action", "etcd_pod_rolled")
          .log("{} starts anew", pod.getMetadata().getName());
      return Outcome.STARTED;
    } catch (KubernetesClientException e) {
      restarted.remove(uid);
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT
          && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
        throw e;
      }
      // It changed since, perhaps in a way that is no news.
      return Outcome.LOOK_AGAIN;
    }
  }

  /**
   * Whether a new member finds no data of an old one of its name. A member that was removed leaves
   * its volume behind, which would make the new one believe that it is the removed one.
   */
  private boolean isClear(Names names, String member, int setPods, List<Pod> pods) {
    boolean coming = Membership.ordinal(member) < setPods;
    if (coming) {
      return true;
    }
    boolean leaving = pods.stream().anyMatch(pod -> pod.getMetadata().getName().equals(member));
    PersistentVolumeClaim claim = claim(names, member).get();
    if (claim != null && claim.getMetadata().getDeletionTimestamp() == null) {
      claim(names, member).delete();
      LOG.atInfo()
          .addKeyValue("action", "etcd_claim_deleted")
          .log("volume of the former member {} deleted", member);
    }
    return !leaving && claim == null;
  }

  private void deletePod(Names names, String name, List<Pod> pods) {
    pods.stream()
        .filter(pod -> pod.getMetadata().getName().equals(name))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .findFirst()
        .ifPresent(pod -> {
          client.pods().inNamespace(names.namespace()).withName(name).delete();
          LOG.atInfo().addKeyValue("action", "etcd_pod_restarted").log("{} starts anew", name);
        });
  }

  private Resource<PersistentVolumeClaim> claim(Names names, String member) {
    return client
        .persistentVolumeClaims()
        .inNamespace(names.namespace())
        .withName(names.etcdClaim(member));
  }
}
