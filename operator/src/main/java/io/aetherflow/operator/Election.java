package io.aetherflow.operator;

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

  private volatile boolean ending;

  /** The Lease is given up from now on because the program ends. */
  void end() {
    ending = true;
  }

  LeaderElectionConfiguration configuration(OperatorSettings settings) {
    return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
        .withLeaseNamespace(settings.namespace())
        .withIdentity(
            settings.podName().isEmpty() ? UUID.randomUUID().toString() : settings.podName())
        .withLeaderCallbacks(new LeaderCallbacks(() -> {}, this::onLost, leader -> {}))
        .withExitOnStopLeading(false)
        .build();
  }

  private void onLost() {
    if (ending) {
      return;
    }
    LOG.atError().addKeyValue("action", "lease_lost").log("another operator leads; ending");
    Runtime.getRuntime().halt(LOST);
  }
}
