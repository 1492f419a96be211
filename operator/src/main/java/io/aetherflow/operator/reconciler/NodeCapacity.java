package io.aetherflow.operator.reconciler;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the nodes have, as {@code kubernetes_node_capacity{node,resource}} in cores, bytes and pods.
 * An operator that may not list nodes exports none of it and works all the same.
 */
public final class NodeCapacity implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeCapacity.class);

  /** Nodes come and go in minutes; a watch would hold every node's status in memory. */
  private static final long PERIOD_SECONDS = 60;

  private final KubernetesClient client;
  private final MultiGauge gauge;
  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("nodes").factory());
  private String problem = "";

  public NodeCapacity(KubernetesClient client, MeterRegistry meters) {
    this.client = client;
    this.gauge =
        MultiGauge.builder("kubernetes.node.capacity")
            .description("What a node has: cpu in cores, memory in bytes, pods")
            .register(meters);
  }

  /** Looks now and then again and again. */
  public void start() {
    scheduler.scheduleWithFixedDelay(this::look, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  void look() {
    try {
      gauge.register(rows(client.nodes().list().getItems()), true);
      problem = "";
    } catch (KubernetesClientException e) {
      gauge.register(List.of(), true);
      tell(
          e.getCode() == HttpURLConnection.HTTP_FORBIDDEN
              ? "the operator may not list nodes, so kubernetes_node_capacity is not exported"
              : "nodes cannot be listed: " + e.getMessage());
    }
  }

  private void tell(String now) {
    if (!now.equals(problem)) {
      problem = now;
      LOG.atInfo().addKeyValue("action", "nodes_not_listed").log(now);
    }
  }

  private static List<MultiGauge.Row<?>> rows(List<Node> nodes) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (Node node : nodes) {
      if (node.getStatus() != null && node.getStatus().getCapacity() != null) {
        node.getStatus()
            .getCapacity()
            .forEach((resource, quantity) ->
                rows.add(
                    MultiGauge.Row.of(
                        Tags.of("node", node.getMetadata().getName(), "resource", resource),
                        quantity.getNumericalAmount().doubleValue())));
      }
    }
    return rows;
  }

  @Override
  public void close() {
    scheduler.shutdownNow();
  }
}
