package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.Labels;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings about changes of volumes, which no apply can: claims grow one by one, and a StatefulSet,
 * whose claim templates are immutable, is deleted without its pods and made anew around them. What
 * cannot be is told, and the object is applied as far as it can be. One instance serves one
 * reconciliation.
 */
final class VolumeChanges {
  static final String CONDITION = "StorageApplied";
  static final String REFUSED = "StorageRefused";

  private static final Logger LOG = LoggerFactory.getLogger(VolumeChanges.class);
  private static final String WHEN_NOT_PAUSED = " when the cluster is no longer paused";

  /** Of an object whose dependents stay when it goes; Kubernetes sets it. */
  private static final String ORPHANS = "orphan";

  private final Context<AetherFlowCluster> context;
  private final Secondaries secondaries;
  private final ClaimGrowth growth;
  private final boolean paused;
  private final boolean membersSettled;
  private final List<String> refused = new ArrayList<>();
  private final List<String> growing = new ArrayList<>();
  private final List<Instant> askAgain = new ArrayList<>();

  /**
   * @param membersSettled whether etcd does without its StatefulSet for a moment
   */
  VolumeChanges(
      Context<AetherFlowCluster> context,
      Secondaries secondaries,
      ClaimGrowth growth,
      boolean paused,
      boolean membersSettled) {
    this.context = context;
    this.secondaries = secondaries;
    this.growth = growth;
    this.paused = paused;
    this.membersSettled = membersSettled;
  }

  /**
   * The objects to apply: those that cannot change as wanted, as far as they can.
   *
   * @param applier told of the objects that are to be left alone for now
   */
  List<HasMetadata> admit(List<HasMetadata> desired, ObjectApplier applier) {
    List<HasMetadata> admitted = new ArrayList<>();
    for (HasMetadata object : desired) {
      try {
        admit(object, applier).ifPresent(admitted::add);
      } catch (KubernetesClientException e) {
        applier.refused(e);
        secondaries.find(object).ifPresent(found -> applier.leave(object, found));
      }
    }
    return admitted;
  }

  private Optional<? extends HasMetadata> admit(HasMetadata object, ObjectApplier applier) {
    return switch (object) {
      case StatefulSet set -> admit(set, applier);
      case PersistentVolumeClaim claim -> Optional.of(admit(claim));
      default -> Optional.of(object);
    };
  }

  Verdict verdict() {
    if (!refused.isEmpty()) {
      return Verdict.no(REFUSED, String.join("; ", refused));
    }
    return growing.isEmpty()
        ? Verdict.yes("AsWanted", "volumes are asked for with the size and class of the resource")
        : Verdict.no("Growing", String.join("; ", growing));
  }

  /** When a refused growth is to be asked for again though nothing changed. */
  Optional<Instant> askAgainAt() {
    return askAgain.stream().min(Comparator.naturalOrder());
  }

  private Optional<StatefulSet> admit(StatefulSet wanted, ObjectApplier applier) {
    Optional<StatefulSet> found = secondaries.find(wanted).map(StatefulSet.class::cast);
    if (found.isEmpty()) {
      return Optional.of(
          template(wanted).map(claim -> aroundRetained(wanted, claim)).orElse(wanted));
    }
    StatefulSet live = found.get();
    if (live.getMetadata().getDeletionTimestamp() != null) {
      growing.add(goes(live));
      applier.leave(wanted, live);
      return Optional.empty();
    }
    Optional<PersistentVolumeClaim> wantedClaim = template(wanted);
    Optional<PersistentVolumeClaim> liveClaim = template(live);
    if (wantedClaim.isPresent() != liveClaim.isPresent()) {
      refused.add(
          "spec.etcd.storage.ephemeral cannot change: the members' data is where it is; put it"
              + " back, or move the data to a new cluster");
      applier.leave(wanted, live);
      return Optional.empty();
    }
    if (wantedClaim.isEmpty()) {
      return Optional.of(wanted);
    }
    // Also where nothing differs but how the size is written.
    StatefulSet held = withTemplate(wanted, as(wantedClaim.get(), liveClaim.get()));
    return switch (VolumePlan.of(field(wanted), wantedClaim.get(), liveClaim.get(), false)) {
      case VolumePlan.AsIs asIs -> Optional.of(held);
      case VolumePlan.Refuse refuse -> {
        refused.add(refuse.why());
        yield Optional.of(held);
      }
      case VolumePlan.Grow grow ->
          grow(wanted, live, grow.size(), applier) ? Optional.empty() : Optional.of(held);
    };
  }

  /** A set that a person deletes usually takes its pods along. */
  private static String goes(StatefulSet live) {
    return live.getMetadata().getFinalizers().contains(ORPHANS)
        ? name(live) + " is being made anew around its pods"
        : name(live) + " is being deleted by somebody else, with its pods; it is made anew then";
  }

  /** Whether the set has been deleted, to be made anew. */
  private boolean grow(StatefulSet wanted, StatefulSet live, Quantity size, ObjectApplier applier) {
    String name = live.getMetadata().getName();
    if (paused || Names.ETCD.equals(component(wanted)) && !membersSettled) {
      growing.add(
          "volumes of "
              + name
              + " grow to "
              + size
              + (paused ? WHEN_NOT_PAUSED : " once all members are well"));
      return false;
    }
    for (PersistentVolumeClaim claim : claims(live)) {
      if (!grow(claim, size, field(wanted))) {
        return false;
      }
    }
    growing.add("volumes of " + name + " grow to " + size);
    applier.leave(wanted, live);
    orphan(live);
    return true;
  }

  /**
   * Claims that outlived an earlier set, whose size no template changes, grow first. One that
   * cannot gives the set its size, so that the difference is told for as long as there is one.
   */
  private StatefulSet aroundRetained(StatefulSet wanted, PersistentVolumeClaim template) {
    if (paused) {
      return wanted;
    }
    for (PersistentVolumeClaim claim : claims(wanted)) {
      if (!grow(claim, VolumePlan.size(template), field(wanted))) {
        return withTemplate(wanted, sized(template, claim));
      }
    }
    return wanted;
  }

  /** Only the very set that was seen: the cache may be behind, and the new one there already. */
  private void orphan(StatefulSet live) {
    StatefulSet now = context.getClient().resource(live).get();
    if (now != null && now.getMetadata().getUid().equals(live.getMetadata().getUid())) {
      context.getClient().resource(live).withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
      LOG.atInfo()
          .addKeyValue("action", "stateful_set_orphaned")
          .log("{} deleted without its pods", live.getMetadata().getName());
    }
  }

  private PersistentVolumeClaim admit(PersistentVolumeClaim wanted) {
    Optional<PersistentVolumeClaim> live =
        secondaries.find(wanted).map(PersistentVolumeClaim.class::cast);
    if (live.isEmpty()) {
      return wanted;
    }
    return switch (VolumePlan.of(field(wanted), wanted, live.get(), true)) {
      // In its own words, for 1024Mi and 1Gi are the same and would differ for good.
      case VolumePlan.AsIs asIs -> sized(wanted, live.get());
      case VolumePlan.Refuse refuse -> {
        refused.add(refuse.why());
        yield as(wanted, live.get());
      }
      case VolumePlan.Grow grow -> {
        if (paused) {
          growing.add(name(wanted) + " grows to " + grow.size() + WHEN_NOT_PAUSED);
          yield as(wanted, live.get());
        }
        yield grow(live.get(), grow.size(), field(wanted)) ? wanted : as(wanted, live.get());
      }
    };
  }

  /** Whether the claim asks for that much now. */
  private boolean grow(PersistentVolumeClaim claim, Quantity size, String field) {
    return switch (growth.ask(context.getPrimaryResource(), claim, size)) {
      case ClaimGrowth.Asked asked -> true;
      case ClaimGrowth.Refused(String reason, Instant askAgainAt) -> {
        askAgain.add(askAgainAt);
        refused.add(
            field
                + ".size asks for "
                + size
                + ", but volume claim "
                + name(claim)
                + " cannot grow: "
                + reason);
        yield false;
      }
    };
  }

  private List<PersistentVolumeClaim> claims(StatefulSet set) {
    String prefix = template(set).orElseThrow().getMetadata().getName() + "-" + name(set) + "-";
    return context
        .getClient()
        .persistentVolumeClaims()
        .inNamespace(set.getMetadata().getNamespace())
        .withLabels(set.getSpec().getSelector().getMatchLabels())
        .list()
        .getItems()
        .stream()
        .filter(claim -> name(claim).startsWith(prefix))
        .toList();
  }

  private static Optional<PersistentVolumeClaim> template(StatefulSet set) {
    List<PersistentVolumeClaim> all = set.getSpec().getVolumeClaimTemplates();
    return all == null ? Optional.empty() : all.stream().findFirst();
  }

  private static StatefulSet withTemplate(StatefulSet set, PersistentVolumeClaim claim) {
    return new StatefulSetBuilder(set).editSpec().withVolumeClaimTemplates(claim).endSpec().build();
  }

  /** The one with size and class of the other. */
  private static PersistentVolumeClaim as(PersistentVolumeClaim one, PersistentVolumeClaim other) {
    return new PersistentVolumeClaimBuilder(sized(one, other))
        .editSpec()
        .withStorageClassName(other.getSpec().getStorageClassName())
        .endSpec()
        .build();
  }

  private static PersistentVolumeClaim sized(
      PersistentVolumeClaim one, PersistentVolumeClaim other) {
    return new PersistentVolumeClaimBuilder(one)
        .editSpec()
        .editResources()
        .addToRequests("storage", VolumePlan.size(other))
        .endResources()
        .endSpec()
        .build();
  }

  private static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }

  private static String component(HasMetadata object) {
    return object.getMetadata().getLabels().get(Labels.COMPONENT);
  }

  private static String field(HasMetadata object) {
    return switch (component(object)) {
      case Names.ETCD -> "spec.etcd.storage";
      case Names.ETCD_BACKUP -> "spec.etcd.backup";
      case String component -> "spec.monitoring." + component + ".storage";
    };
  }
}
