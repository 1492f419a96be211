package io.aetherflow.runtime.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.aetherflow.runtime.otlp.OtlpOptions;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A collector that decodes and keeps what it is told by OTLP over HTTP. Thread-safe. */
public final class OtlpReceiver implements AutoCloseable {
  private static final String PATH = "/v1/traces";
  private static final HexFormat HEX = HexFormat.of();

  private final HttpServer server;
  private final List<Told> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger answer = new AtomicInteger(200);
  private final AtomicInteger requests = new AtomicInteger();

  /**
   * A span as a collector sees it.
   *
   * @param guuid the trace id as a UUID
   * @param parent empty for a trace's first span
   */
  public record Told(
      String service,
      String guuid,
      String id,
      String parent,
      String name,
      Span.SpanKind kind,
      boolean failed,
      Map<String, String> tags) {}

  public OtlpReceiver() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext(PATH, this::take);
    server.start();
  }

  /** For a pod that records all requests and tells this collector. */
  public OtlpOptions options() {
    return new OtlpOptions(
        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + PATH), 1);
  }

  /** The HTTP status of answers from now on. */
  public void answerWith(int status) {
    answer.set(status);
  }

  /** How many requests came, whatever they were answered with. */
  public int requests() {
    return requests.get();
  }

  /** The spans of one request. */
  public List<Told> trace(String guuid) {
    return told.stream().filter(each -> each.guuid().equals(guuid)).toList();
  }

  /** All spans. */
  public List<Told> spans() {
    return List.copyOf(told);
  }

  private void take(HttpExchange exchange) throws IOException {
    requests.incrementAndGet();
    byte[] body = exchange.getRequestBody().readAllBytes();
    int status = answer.get();
    if (status == 200) {
      for (ResourceSpans each : ExportTraceServiceRequest.parseFrom(body).getResourceSpansList()) {
        String service = tags(each.getResource().getAttributesList()).get("service.name");
        for (ScopeSpans scope : each.getScopeSpansList()) {
          scope.getSpansList().forEach(span -> told.add(told(service, span)));
        }
      }
    }
    byte[] response = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
    exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
    exchange.sendResponseHeaders(status, response.length == 0 ? -1 : response.length);
    exchange.close();
  }

  private static Told told(String service, Span span) {
    String trace = HEX.formatHex(span.getTraceId().toByteArray());
    return new Told(
        service,
        trace.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"),
        HEX.formatHex(span.getSpanId().toByteArray()),
        HEX.formatHex(span.getParentSpanId().toByteArray()),
        span.getName(),
        span.getKind(),
        span.getStatus().getCode() == StatusCode.STATUS_CODE_ERROR,
        tags(span.getAttributesList()));
  }

  private static Map<String, String> tags(List<KeyValue> attributes) {
    return attributes.stream()
        .collect(
            Collectors.toMap(
                KeyValue::getKey,
                each ->
                    each.getValue().hasStringValue()
                        ? each.getValue().getStringValue()
                        : Long.toString(each.getValue().getIntValue())));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
