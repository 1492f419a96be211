package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the live objects of one cluster equal to the desired ones, by server-side apply of what
 * differs and deletion of what is no longer desired. Fields of other managers stay. One instance
 * serves one reconciliation.
 */
final class ObjectApplier {
  static final String FIELD_MANAGER = "aetherflow-operator";

  private static final Logger LOG = LoggerFactory.getLogger(ObjectApplier.class);

  /** Keeps {@code replicas} alive between our letting go of it and the autoscaler's first write. */
  private static final String HANDOVER_MANAGER = "aetherflow-operator-handover";

  private final AetherFlowCluster cluster;
  private final Context<AetherFlowCluster> context;
  private final Secondaries secondaries;
  private final List<HasMetadata> live = new ArrayList<>();
  private final Set<String> desiredKeys = new HashSet<>();
  private int differing;
  private KubernetesClientException refusal;

  ObjectApplier(
      AetherFlowCluster cluster, Context<AetherFlowCluster> context, Secondaries secondaries) {
    this.cluster = cluster;
    this.context = context;
    this.secondaries = secondaries;
  }

  /**
   * Applies the objects and deletes our other ones. One that is refused keeps back no other; {@link
   * #throwRefusal} tells of it. Only a StatefulSet is left as it is while a Secret before it was
   * refused: its pods would be taken for ones that have read it.
   */
  void apply(List<HasMetadata> desired) {
    boolean secretRefused = false;
    for (HasMetadata object : desired) {
      try {
        if (secretRefused && object instanceof StatefulSet) {
          visit(object, actual -> actual.ifPresent(live::add));
        } else {
          visit(object, actual -> live.add(write(object, actual)));
        }
      } catch (KubernetesClientException e) {
        secretRefused |= object instanceof Secret;
        refused(e);
      }
    }
    undesired()
        .forEach(extra -> {
          LOG.atInfo().addKeyValue("action", "object_deleted").log("{} deleted", key(extra));
          context.getClient().resource(extra).delete();
        });
  }

  /**
   * Keeps an object as it is.
   *
   * @param found the same as it is now
   */
  void leave(HasMetadata desired, HasMetadata found) {
    desiredKeys.add(key(desired));
    live.add(found);
    differing++;
  }

  /** Keeps back no other object; {@link #throwRefusal} tells of it. */
  void refused(KubernetesClientException e) {
    if (refusal == null) {
      refusal = e;
    } else {
      refusal.addSuppressed(e);
    }
  }

  /**
   * Fails if an object was refused.
   *
   * @throws KubernetesClientException the first refusal, with the others
   */
  void throwRefusal() {
    if (refusal != null) {
      throw refusal;
    }
  }

  /** Only counts what {@link #apply} would change. */
  void compare(List<HasMetadata> desired) {
    for (HasMetadata object : desired) {
      visit(object, actual -> actual.ifPresent(live::add));
    }
    differing += undesired().size();
  }

  /** The objects as they are now. */
  List<HasMetadata> live() {
    return live;
  }

  int differing() {
    return differing;
  }

  private void visit(HasMetadata desired, Consumer<Optional<HasMetadata>> onDifference) {
    own(desired);
    desiredKeys.add(key(desired));
    Optional<HasMetadata> actual = secondaries.find(desired);
    if (actual.isPresent() && matches(desired, actual.get())) {
      live.add(actual.get());
      return;
    }
    differing++;
    onDifference.accept(actual);
  }

  private boolean matches(HasMetadata desired, HasMetadata actual) {
    return secondaries
        .matches()
        .test(
            ResourceID.fromResource(cluster),
            desired,
            actual,
            () ->
                SSABasedGenericKubernetesResourceMatcher.<HasMetadata>getInstance()
                    .matches(actual, desired, context));
  }

  private HasMetadata write(HasMetadata desired, Optional<HasMetadata> actual) {
    actual.ifPresent(found -> handOverReplicas(desired, found));
    HasMetadata written = context.getClient().resource(desired).patch(patch(FIELD_MANAGER));
    secondaries.remember(written, actual);
    LOG.atInfo().addKeyValue("action", "object_applied").log("{} applied", key(desired));
    return written;
  }

  private void handOverReplicas(HasMetadata desired, HasMetadata actual) {
    if (desired instanceof Deployment wanted
        && actual instanceof Deployment found
        && wanted.getSpec().getReplicas() == null
        && found.getSpec().getReplicas() != null
        && ownsReplicas(found)) {
      Deployment handover =
          new DeploymentBuilder()
              .withNewMetadata()
              .withName(found.getMetadata().getName())
              .withNamespace(found.getMetadata().getNamespace())
              .endMetadata()
              .withNewSpec()
              .withReplicas(found.getSpec().getReplicas())
              .endSpec()
              .build();
      context.getClient().resource(handover).patch(patch(HANDOVER_MANAGER));
    }
  }

  private static boolean ownsReplicas(Deployment deployment) {
    for (ManagedFieldsEntry entry : deployment.getMetadata().getManagedFields()) {
      if (FIELD_MANAGER.equals(entry.getManager())
          && "Apply".equals(entry.getOperation())
          && entry.getFieldsV1() != null
          && entry.getFieldsV1().getAdditionalProperties().get("f:spec")
              instanceof java.util.Map<?, ?> spec) {
        return spec.containsKey("f:replicas");
      }
    }
    return false;
  }

  private List<HasMetadata> undesired() {
    return secondaries.all(context).stream()
        .filter(Secondaries::isPrunable)
        .filter(object -> isOurs(object) && !desiredKeys.contains(key(object)))
        .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private boolean isOurs(HasMetadata object) {
    return Labels.MANAGER.equals(object.getMetadata().getLabels().get(Labels.MANAGED_BY))
        && object.getMetadata().getOwnerReferences().stream()
            .anyMatch(owner -> owner.getUid().equals(cluster.getMetadata().getUid()));
  }

  /** Makes Kubernetes delete the object with the cluster, also when the operator is gone. */
  void own(HasMetadata object) {
    object
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion(cluster.getApiVersion())
                    .withKind(cluster.getKind())
                    .withName(cluster.getMetadata().getName())
                    .withUid(cluster.getMetadata().getUid())
                    .withController(true)
                    .withBlockOwnerDeletion(true)
                    .build()));
  }

  private static PatchContext patch(String manager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.SERVER_SIDE_APPLY)
        .withForce(true)
        .withFieldManager(manager)
        .build();
  }

  private static String key(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }
}
