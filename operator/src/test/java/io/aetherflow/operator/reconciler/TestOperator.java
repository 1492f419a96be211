package io.aetherflow.operator.reconciler;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.crds.AetherFlowClusterSpec;
import io.aetherflow.operator.model.Listen;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** The whole operator against an API in memory. */
final class TestOperator implements AutoCloseable {
  final FakeApi api = new FakeApi();
  final KubernetesClient client;
  private final ClusterReconciler reconciler;
  private final Operator operator;

  TestOperator() throws IOException {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(api.url())
            .withNamespace("default")
            .withOnlyHttpWatches(true)
            .build();
    client = new KubernetesClientBuilder().withConfig(config).build();
    reconciler =
        new ClusterReconciler(
            client,
            Listen.ANY,
            "aetherflow-system",
            Clock.systemUTC(),
            new SecureRandom(),
            new SimpleMeterRegistry());
    operator =
        new Operator(o -> o.withKubernetesClient(client).checkingCRDAndValidateLocalModel(false));
    operator.register(reconciler);
    operator.start();
  }

  /** The cluster of the tests, as it is now. */
  AetherFlowCluster cluster() {
    return client.resources(AetherFlowCluster.class).inNamespace("default").withName("demo").get();
  }

  /** Creates the cluster of the tests; null asks for defaults. */
  void create(AetherFlowClusterSpec spec) {
    client.resource(cluster(spec)).create();
  }

  void update(AetherFlowClusterSpec spec) {
    AetherFlowCluster edited = cluster();
    edited.setSpec(spec);
    client.resource(edited).update();
  }

  /**
   * @param yaml of a resource's {@code spec}
   */
  static AetherFlowClusterSpec spec(String yaml) {
    try {
      return new YAMLMapper().readValue(yaml, AetherFlowClusterSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(yaml, e);
    }
  }

  /** What {@link #create} creates. */
  static AetherFlowCluster cluster(AetherFlowClusterSpec spec) {
    AetherFlowCluster cluster = new AetherFlowCluster();
    cluster.setMetadata(
        new ObjectMetaBuilder()
            .withName("demo")
            .withNamespace("default")
            .withUid("cluster-uid")
            .withGeneration(1L)
            .build());
    cluster.setSpec(spec);
    return cluster;
  }

  Optional<Condition> condition(String type) {
    return Optional.ofNullable(cluster())
        .map(AetherFlowCluster::getStatus)
        .map(status -> status.conditions())
        .flatMap(all -> all.stream().filter(c -> c.getType().equals(type)).findFirst());
  }

  /** Returns when the operator has looked at the cluster once more. */
  void awaitRepair() {
    var config = client.configMaps().inNamespace("default").withName("demo-quantum-config");
    config.delete();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> config.get() != null);
  }

  /** Waits until the operator has written nothing for a second. */
  void awaitQuiet() {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1000))
        .atMost(Duration.ofSeconds(20))
        .until(
            new Callable<>() {
              private int last = -1;

              @Override
              public Boolean call() {
                int now = api.writes.size();
                boolean quiet = now == last && now > 0;
                last = now;
                return quiet;
              }
            });
  }

  @Override
  public void close() {
    operator.stop();
    reconciler.close();
    client.close();
    api.close();
  }
}
