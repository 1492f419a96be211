package io.aetherflow.operator;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of several operators works. One that loses its Lease ends at once, for another works
 * already. The framework would call {@code System.exit} for that, from a thread for which the
 * program's own end waits, or in which it runs: both then wait for ever, and the controllers go on.
 * Thread-safe.
 */
final class Election {
  private static final Logger LOG = LoggerFactory.getLogger(Election.class);

  private static final String LEASE = "aetherflow-operator";
  private static final int LOST = 1;

  /** Nobody's, provided that nobody else has written it. */
  private static final String RELEASE =
      "{\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"holderIdentity\":null}}";

  private final boolean wanted;
  private final String namespace;
  private final String identity;
  private volatile boolean ending;

  Election(OperatorSettings settings) {
    this.wanted = settings.leaderElection();
    this.namespace = settings.namespace();
    // A container that was started anew has its pod's name, and must not take itself for the one
    // before it.
    this.identity = settings.podName() + "_" + UUID.randomUUID();
  }

  /** From now on leadership ends because the program does. */
  void end() {
    ending = true;
  }

  /** Lets another lead at once; to be called when nothing is written any more. */
  void release(KubernetesClient client) {
    if (!wanted) {
      return;
    }
    try {
      Resource<Lease> resource = client.leases().inNamespace(namespace).withName(LEASE);
      Lease lease = resource.get();
      if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
        resource.patch(
            PatchContext.of(PatchType.JSON_MERGE),
            RELEASE.formatted(lease.getMetadata().getResourceVersion()));
      }
    } catch (KubernetesClientException e) {
      LOG.atWarn()
          .addKeyValue("action", "lease_kept")
          .log("the lease could not be given up, so it runs out: {}", e.getMessage());
    }
  }

  LeaderElectionConfiguration configuration() {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
        .withLeaseNamespace(namespace)
        .withIdentity(identity)
        .withLeaderCallbacks(new LeaderCallbacks(() -> {}, this::onLost, leader -> {}))
        .withExitOnStopLeading(false)
        .build();
  }

  private void onLost() {
    if (ending) {
      return;
    }
    LOG.atError()
        .addKeyValue("action", "lease_lost")
        .log("the lease is lost or could not be renewed; ending");
    Runtime.getRuntime().halt(LOST);
  }
}
