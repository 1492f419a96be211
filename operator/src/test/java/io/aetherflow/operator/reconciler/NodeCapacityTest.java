package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NodeCapacityTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private FakeApi api;
  private KubernetesClient client;
  private NodeCapacity nodes;

  @BeforeEach
  void connect() throws IOException {
    api = new FakeApi();
    Config config = new ConfigBuilder(Config.empty()).withMasterUrl(api.url()).build();
    client = new KubernetesClientBuilder().withConfig(config).build();
    nodes = new NodeCapacity(client, registry);
  }

  @AfterEach
  void close() {
    nodes.close();
    client.close();
    api.close();
  }

  @Test
  void capacityIsToldInBaseUnitsAndEndsWithTheNode() {
    client
        .resource(
            new NodeBuilder()
                .withNewMetadata()
                .withName("n1")
                .endMetadata()
                .withNewStatus()
                .addToCapacity("cpu", new Quantity("1500m"))
                .addToCapacity("memory", new Quantity("2Ki"))
                .endStatus()
                .build())
        .create();
    nodes.look();
    assertThat(registry.scrape())
        .contains(
            "kubernetes_node_capacity{node=\"n1\",resource=\"cpu\"} 1.5",
            "kubernetes_node_capacity{node=\"n1\",resource=\"memory\"} 2048.0");

    client.nodes().withName("n1").delete();
    nodes.look();
    assertThat(registry.scrape()).doesNotContain("n1");
  }

  @Test
  void withoutTheRightNothingIsExportedAndNothingFails() {
    api.forbid("/api/v1/nodes");
    nodes.look();
    assertThat(registry.scrape()).doesNotContain("kubernetes_node_capacity{");
  }
}
