package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.GrafanaAdminModel;
import io.aetherflow.operator.model.JwtSecretModel;
import io.aetherflow.operator.model.Names;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import java.net.HttpURLConnection;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Secrets made once from randomness: the token key and Grafana's password. One that exists, made by
 * an earlier cluster of this name or by a person, is never overwritten. Thread-safe.
 */
final class MadeSecrets {
  private final SecureRandom random;
  private final Secondaries secondaries;

  MadeSecrets(SecureRandom random, Secondaries secondaries) {
    this.random = random;
    this.secondaries = secondaries;
  }

  void ensure(EffectiveSpec spec, ObjectApplier applier, Context<AetherFlowCluster> context) {
    Names names = spec.names();
    ensure(
        names,
        names.jwtSecret(),
        () -> JwtSecretModel.of(names, random(JwtSecretModel.RANDOM_BYTES)),
        applier,
        context);
    if (spec.monitoring().makesGrafanaSecret()) {
      ensure(
          names,
          names.grafanaAdmin(),
          () -> GrafanaAdminModel.of(names, random(GrafanaAdminModel.RANDOM_BYTES)),
          applier,
          context);
    }
  }

  private byte[] random(int bytes) {
    byte[] made = new byte[bytes];
    random.nextBytes(made);
    return made;
  }

  private void ensure(
      Names names,
      String name,
      Supplier<Secret> made,
      ObjectApplier applier,
      Context<AetherFlowCluster> context) {
    boolean cached =
        context
            .getSecondaryResourcesAsStream(Secret.class)
            .anyMatch(secret -> secret.getMetadata().getName().equals(name));
    // One that somebody else made is never in the cache, and a POST would be refused at every look.
    if (cached || exists(names, name, context)) {
      return;
    }
    Secret secret = made.get();
    applier.own(secret);
    try {
      secondaries.remember(context.getClient().resource(secret).create(), Optional.empty());
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
      // Somebody was faster.
    }
  }

  private static boolean exists(Names names, String name, Context<AetherFlowCluster> context) {
    return context.getClient().secrets().inNamespace(names.namespace()).withName(name).get()
        != null;
  }
}
