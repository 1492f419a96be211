package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.crds.AetherFlowClusterSpec;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What each mode of the monitoring makes and takes away, by the reconciler inside JOSDK. */
@ExtendWith(Patience.class)
class MonitoringObjectsTest {
  private TestOperator operator;
  private KubernetesClient client;

  @BeforeEach
  void startOperator() throws IOException {
    operator = new TestOperator();
    client = operator.client;
  }

  @AfterEach
  void stopOperator() {
    operator.close();
  }

  @Test
  void grafanasPasswordIsMadeOnceAndTheMonitoringComesAndGoes() {
    operator.create(monitored("Standalone"));
    await().until(() -> deployments() == 6);
    await()
        .until(() ->
            operator
                .condition("MonitoringReady")
                .filter(c -> c.getReason().equals("Progressing"))
                .isPresent());
    var before = client.secrets().inNamespace("default").withName("demo-grafana-admin").get();
    assertThat(before.getData()).containsKeys("admin-user", "admin-password");

    operator.update(monitored("Disabled"));
    await().until(() -> deployments() == 3);
    await().until(() -> client.rbac().roles().inNamespace("default").list().getItems().isEmpty());
    operator.update(monitored("Standalone"));
    await().until(() -> deployments() == 6);

    assertThat(client.secrets().inNamespace("default").withName("demo-grafana-admin").get())
        .returns(before.getData(), Secret::getData);
  }

  @Test
  void monitorsAreMadeWhereTheirApiIsServedAndRepaired() {
    operator.api.serve("monitoring.coreos.com/v1", List.of("ServiceMonitor", "PrometheusRule"));
    operator.create(monitored("Auto"));

    await().until(() -> monitor() != null);
    await()
        .until(() ->
            operator
                .condition("MonitoringReady")
                .filter(c -> c.getStatus().equals("True"))
                .isPresent());
    assertThat(deployments()).isEqualTo(3);
    operator.awaitQuiet();

    client.resource(monitor()).delete();
    await().until(() -> monitor() != null);
    operator.awaitQuiet();
    int writes = operator.api.writes.size();
    operator.awaitQuiet();
    assertThat(operator.api.writes).as("writes at rest").hasSize(writes);

    operator.update(monitored("Disabled"));
    await().until(() -> monitor() == null);
  }

  @Test
  void askingForMonitorsWithoutTheirApiIsTold() {
    operator.create(monitored("PrometheusOperator"));

    await()
        .until(() ->
            operator
                .condition("MonitoringReady")
                .filter(c -> c.getReason().equals("ApiMissing"))
                .isPresent());
    assertThat(deployments()).isEqualTo(3);
  }

  private static AetherFlowClusterSpec monitored(String mode) {
    return TestOperator.spec("{monitoring: {mode: " + mode + "}}");
  }

  private int deployments() {
    return client.apps().deployments().inNamespace("default").list().getItems().size();
  }

  private GenericKubernetesResource monitor() {
    return client
        .genericKubernetesResources("monitoring.coreos.com/v1", "ServiceMonitor")
        .inNamespace("default")
        .withName("demo-metrics")
        .get();
  }
}
