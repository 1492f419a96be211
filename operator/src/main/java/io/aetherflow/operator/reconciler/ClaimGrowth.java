package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks volume claims for more, and remembers what was refused, so that a cluster at rest sends no
 * write that is refused again: the same question is put once more only when the claim or the
 * cluster's resource has changed, or after {@link #ASK_AGAIN}. Thread-safe.
 */
final class ClaimGrowth {
  /** A storage class that now allows growth, or a quota that was raised, tells nobody. */
  static final Duration ASK_AGAIN = Duration.ofHours(1);

  /** Invalid, or not allowed by the storage class. */
  private static final Set<Integer> REFUSALS = Set.of(HttpURLConnection.HTTP_FORBIDDEN, 422);

  /** What came of it. */
  sealed interface Answer {}

  /** The claim asks for that much now. */
  record Asked() implements Answer {}

  /**
   * It cannot grow.
   *
   * @param reason the API server's words
   * @param askAgainAt when it is asked again though nothing changed
   */
  record Refused(String reason, Instant askAgainAt) implements Answer {}

  /** What was asked for, and of what. */
  private record Question(Quantity size, String claimVersion, Long generation) {}

  private record Refusal(Question question, Refused answer) {}

  private final KubernetesClient client;
  private final Clock clock;

  /** By cluster, then by the claim's uid. */
  private final Map<ResourceID, Map<String, Refusal>> refusals = new ConcurrentHashMap<>();

  ClaimGrowth(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /**
   * @param claim as it is now
   * @throws KubernetesClientException if there is no answer, or one that may be another tomorrow
   */
  Answer ask(AetherFlowCluster cluster, PersistentVolumeClaim claim, Quantity size) {
    if (VolumePlan.bytes(VolumePlan.size(claim)).compareTo(VolumePlan.bytes(size)) >= 0) {
      return new Asked();
    }
    Map<String, Refusal> known =
        refusals.computeIfAbsent(
            ResourceID.fromResource(cluster), each -> new ConcurrentHashMap<>());
    Question question =
        new Question(
            size, claim.getMetadata().getResourceVersion(), cluster.getMetadata().getGeneration());
    Refusal last = known.get(claim.getMetadata().getUid());
    if (last != null
        && last.question.equals(question)
        && clock.instant().isBefore(last.answer.askAgainAt)) {
      return last.answer;
    }
    Answer answer = patch(claim, size);
    switch (answer) {
      case Asked asked -> known.remove(claim.getMetadata().getUid());
      case Refused refused ->
          known.put(claim.getMetadata().getUid(), new Refusal(question, refused));
    }
    return answer;
  }

  /** The cluster is gone. */
  void forget(ResourceID cluster) {
    refusals.remove(cluster);
  }

  private Answer patch(PersistentVolumeClaim claim, Quantity size) {
    String patch = "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"" + size + "\"}}}}";
    try {
      client.resource(claim).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
      return new Asked();
    } catch (KubernetesClientException e) {
      if (!REFUSALS.contains(e.getCode())) {
        throw e;
      }
      return new Refused(reason(e), clock.instant().plus(ASK_AGAIN));
    }
  }

  private static String reason(KubernetesClientException e) {
    return e.getStatus() == null || e.getStatus().getMessage() == null
        ? "the API server refuses it"
        : e.getStatus().getMessage();
  }
}
