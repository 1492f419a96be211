package io.aetherflow.e2e.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The AetherFlowCluster under test, through the Kubernetes API. */
public final class Afc {
  private static final ResourceDefinitionContext TYPE =
      new ResourceDefinitionContext.Builder()
          .withGroup("aetherflow.io")
          .withVersion("v1alpha1")
          .withKind("AetherFlowCluster")
          .withPlural("aetherflowclusters")
          .withNamespaced(true)
          .build();
  private static final PatchContext MERGE =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON_MERGE)
          .withFieldManager("aetherflow-e2e")
          .build();
  private static final PatchContext JSON = PatchContext.of(PatchType.JSON);

  private final KubernetesClient client;
  private final String namespace;
  private final String name;

  public Afc(KubernetesClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  private Resource<GenericKubernetesResource> resource() {
    return client.genericKubernetesResources(TYPE).inNamespace(namespace).withName(name);
  }

  public AfcState get() {
    GenericKubernetesResource found = resource().get();
    if (found == null) {
      throw new AssertionError("no AetherFlowCluster " + namespace + "/" + name);
    }
    return new AfcState(found);
  }

  /** Sends a JSON merge patch; text blocks keep such patches readable. */
  public AfcState patch(String json) {
    return new AfcState(resource().patch(MERGE, json));
  }

  /** Like {@link #patch} with {@code fieldValidation=Strict}: unknown fields are refused. */
  public AfcState patchStrictly(String json) {
    return new AfcState(
        client
            .genericKubernetesResources(TYPE)
            .inNamespace(namespace)
            .withName(name)
            .fieldValidation(Validation.STRICT)
            .patch(MERGE, json));
  }

  /** Puts a whole spec back; fields that are not in it go. */
  public void restore(AfcState before) {
    Map<String, Object> replace = Map.of("op", "replace", "path", "/spec", "value", before.spec());
    resource().patch(JSON, Serialization.asJson(List.of(replace)));
  }

  public AfcState patchFecRatio(int percent) {
    return patch("{\"spec\":{\"quantum\":{\"fec\":{\"ratioPercent\":" + percent + "}}}}");
  }

  /** Waits, by watching, for a state; a failure says what the last state was. */
  public AfcState await(String what, Duration timeout, Predicate<AfcState> condition) {
    try (Recording recording = record()) {
      return recording.await(what, timeout, condition);
    }
  }

  /** Waits until the present generation is Ready, applied and not degraded. */
  public AfcState awaitSettled(Duration timeout) {
    return await("Ready with its tuning applied", timeout, AfcState::settled);
  }

  /** Waits until this generation's tuning is confirmed by every pod. */
  public AfcState awaitApplied(long generation, Duration timeout) {
    return await(
        "TuningApplied=True at generation " + generation,
        timeout,
        state -> state.condition("TuningApplied").isTrueAt(generation));
  }

  /** Starts recording every state from now on, the present one first. */
  public Recording record() {
    return Recording.start(resource());
  }
}
