package io.aetherflow.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.crds.AetherFlowCluster;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What each pod of {@code config/samples/full.yaml} has, so that it lives and ends well. */
class PodCareTest {
  private static final Path SAMPLE = Path.of("..", "config", "samples", "full.yaml");

  /** Of which there are several. */
  private static final Set<String> SPREAD =
      Set.of("full-api-gateway", "full-session-service", "full-statesync-service", "full-etcd");

  /** Serves nobody; that no snapshot comes is told by the status, and its end by its exit. */
  private static final String KEEPER = "full-etcd-backup";

  /** Is not ended for being slow: a member without a leader gets none by starting anew. */
  private static final String ETCD = "full-etcd";

  private final Map<String, PodSpec> pods = new TreeMap<>();

  @BeforeEach
  void collect() throws IOException {
    AetherFlowCluster cluster =
        new YAMLMapper().readValue(SAMPLE.toFile(), AetherFlowCluster.class);
    cluster.getMetadata().setNamespace("default");
    DesiredCluster.of(cluster, new Platform(Listen.ANY, "aetherflow-system", false))
        .objects()
        .forEach(object -> {
          if (object instanceof Deployment deployment) {
            pods.put(
                deployment.getMetadata().getName(), deployment.getSpec().getTemplate().getSpec());
          } else if (object instanceof StatefulSet set) {
            pods.put(set.getMetadata().getName(), set.getSpec().getTemplate().getSpec());
          }
        });
    assertThat(pods.keySet()).containsAll(SPREAD).hasSize(8);
  }

  @Test
  void itsShareOfAMachineIsReservedAndItsMemoryBounded() {
    pods.forEach((name, pod) -> {
      for (Container container : pod.getContainers()) {
        assertThat(container.getResources().getRequests()).as(name).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).as(name).containsKey("memory");
      }
    });
  }

  @Test
  void whetherItServesIsAskedAndItsEndHasATime() {
    pods.forEach((name, pod) -> {
      assertThat(pod.getTerminationGracePeriodSeconds()).as(name).isPositive();
      for (Container container : pod.getContainers()) {
        assertThat(container.getReadinessProbe() != null).as(name).isEqualTo(!name.equals(KEEPER));
        assertThat(container.getLivenessProbe() != null)
            .as(name)
            .isEqualTo(!Set.of(KEEPER, ETCD).contains(name));
      }
    });
  }

  @Test
  void thoseOfOneKindGoToDifferentNodesWherePossible() {
    for (String name : SPREAD) {
      assertThat(pods.get(name).getTopologySpreadConstraints())
          .as(name)
          .singleElement()
          .returns("kubernetes.io/hostname", each -> each.getTopologyKey())
          .returns("ScheduleAnyway", each -> each.getWhenUnsatisfiable());
    }
  }
}
