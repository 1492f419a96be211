package io.aetherflow.gateway.cluster;

import com.fasterxml.jackson.core.JsonGenerator;
import io.aetherflow.api.AppliedTuning;
import io.aetherflow.gateway.BoundedGet;
import io.aetherflow.gateway.Json;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Asks every pod how it does. One reading serves everybody who asks within {@link #FRESH}, so a
 * crowd before the console costs the pods no more than one viewer does. Thread-safe, blocking.
 */
public final class ClusterReader implements AutoCloseable {
  /** The console draws one point a second. */
  private static final Duration FRESH = Duration.ofMillis(900);

  /** A pod that takes longer is shown as silent; the console goes on. */
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** Bounds what a program that took a pod's address can make us hold. */
  static final long METRICS_BYTES_MAX = 2L << 20;

  private static final Set<String> VALUES =
      Set.of(
          "quantum_packets_sent_total",
          "quantum_packets_lost_total",
          "quantum_spurious_losses_total",
          "quantum_retransmissions_total",
          "quantum_sent_bytes_total",
          "quantum_connections",
          "quantum_fec_repairs_sent_total",
          "quantum_fec_sources_sent_total",
          "quantum_fec_recoveries_total",
          "app_requests_total",
          "app_active_sessions",
          "gateway_messages_total",
          "gateway_operation_duration_seconds_count",
          "statesync_shards_owned",
          "statesync_operations_waiting");

  private static final Set<String> HISTOGRAMS =
      Set.of(
          "quantum_rtt_seconds",
          "app_request_duration_seconds",
          "gateway_operation_duration_seconds");

  private final String gateway;
  private final Pods pods;
  private final Executor blocking;
  private final LongSupplier nowNs;
  private final HttpClient http;
  private String reading = "";
  private long readAtNs;

  private record Seen(Pods.Pod pod, Optional<Meters> meters) {}

  /**
   * @param gateway whose clock the readings are by
   * @param blocking a thread for each task
   */
  public ClusterReader(String gateway, Pods pods, Executor blocking, LongSupplier nowNs) {
    this.gateway = gateway;
    this.pods = pods;
    this.blocking = blocking;
    this.nowNs = nowNs;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .executor(blocking)
            .build();
  }

  /** A JSON object; whoever asks during a reading waits for it. */
  public synchronized String read() {
    if (reading.isEmpty() || nowNs.getAsLong() - readAtNs > FRESH.toNanos()) {
      List<CompletableFuture<Seen>> asked = new ArrayList<>();
      for (Pods.Pod each : pods.now()) {
        asked.add(CompletableFuture.supplyAsync(() -> new Seen(each, ask(each)), blocking));
      }
      readAtNs = nowNs.getAsLong();
      reading = json(asked.stream().map(CompletableFuture::join).toList());
    }
    return reading;
  }

  private Optional<Meters> ask(Pods.Pod pod) {
    try {
      byte[] body =
          BoundedGet.body(
              http, HttpRequest.newBuilder(pod.metrics()).build(), TIMEOUT, METRICS_BYTES_MAX);
      return Optional.of(
          Meters.parse(new String(body, StandardCharsets.UTF_8), VALUES, HISTOGRAMS));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private String json(List<Seen> all) {
    return Json.object(json -> {
      json.writeStringField("gateway", gateway);
      json.writeNumberField("at_ms", readAtNs / 1_000_000);
      json.writeArrayFieldStart("pods");
      for (Seen each : all) {
        json.writeStartObject();
        json.writeStringField("service", each.pod().service());
        json.writeStringField("pod", each.pod().name());
        json.writeBooleanField("answers", each.meters().isPresent());
        if (each.pod().tuning().isPresent()) {
          tuning(json, each.pod().tuning().get());
        }
        if (each.meters().isPresent()) {
          meters(json, each.meters().get());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  private static void tuning(JsonGenerator json, AppliedTuning tuning) throws IOException {
    json.writeObjectFieldStart("tuning");
    json.writeNumberField("revision", tuning.revision());
    json.writeStringField("applied_at", tuning.appliedAt());
    json.writeStringField("started_at", tuning.startedAt());
    json.writeObjectFieldStart("rejected");
    for (Map.Entry<String, String> each : tuning.rejected().entrySet()) {
      json.writeStringField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void meters(JsonGenerator json, Meters meters) throws IOException {
    json.writeObjectFieldStart("values");
    for (Map.Entry<String, Double> each : meters.values().entrySet()) {
      json.writeNumberField(each.getKey(), each.getValue());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("histograms");
    for (var each : meters.histograms().entrySet()) {
      json.writeArrayFieldStart(each.getKey());
      for (Map.Entry<Double, Double> bucket : each.getValue().entrySet()) {
        json.writeStartArray();
        if (bucket.getKey().isInfinite()) {
          json.writeNull();
        } else {
          json.writeNumber(bucket.getKey());
        }
        json.writeNumber(bucket.getValue());
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
