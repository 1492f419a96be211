package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.model.Labels;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes Events about clusters, beside the reconcile threads: an Event never delays a status, and
 * one that cannot be written is only logged.
 */
final class EventRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);

  /** The API server refuses longer ones. */
  private static final int MESSAGE_CHARS_MAX = 1024;

  private final KubernetesClient client;
  private final Clock clock;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("events").factory());

  EventRecorder(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  void record(AetherFlowCluster cluster, List<Transitions.Note> notes) {
    for (Transitions.Note note : notes) {
      Event event = event(cluster, note, clock.instant());
      writer.execute(() -> write(event));
    }
  }

  private void write(Event event) {
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      LOG.atWarn()
          .addKeyValue("action", "event_not_written")
          .log("event {}: {}", event.getReason(), e.getMessage());
    }
  }

  private static Event event(AetherFlowCluster cluster, Transitions.Note note, Instant now) {
    String name = cluster.getMetadata().getName();
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    String message = note.message();
    return new EventBuilder()
        .withNewMetadata()
        .withName(
            name + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000L + now.getNano()))
        .withNamespace(cluster.getMetadata().getNamespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(cluster.getApiVersion())
        .withKind(cluster.getKind())
        .withName(name)
        .withNamespace(cluster.getMetadata().getNamespace())
        .withUid(cluster.getMetadata().getUid())
        .endInvolvedObject()
        .withType(note.warning() ? "Warning" : "Normal")
        .withReason(note.reason())
        .withMessage(
            message.length() <= MESSAGE_CHARS_MAX
                ? message
                : message.substring(0, MESSAGE_CHARS_MAX))
        .withFirstTimestamp(time)
        .withLastTimestamp(time)
        .withCount(1)
        .withNewSource()
        .withComponent(Labels.MANAGER)
        .endSource()
        .build();
  }

  @Override
  public void close() {
    writer.shutdown();
  }
}
