package io.aetherflow.e2e.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The cluster's etcd through its own JSON gateway (3.4 and newer). May be used from any thread. */
public final class EtcdView implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final HttpClient http;
  private final String endpoint;

  /**
   * @param secret holds the certificates of etcd's clients
   */
  public EtcdView(String ip, Secret secret) {
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .sslContext(EtcdCredentials.of(secret))
            .build();
    this.endpoint = "https://" + ip + ":2379/v3/kv/";
  }

  /** One key with its value and the revision of its last change. */
  public record Entry(String key, String value, long modRevision) {}

  /** The store's revision: it rises with every change of any key, not with lease keep-alives. */
  public long revision() {
    return call("range", Map.of("key", encode("/"), "count_only", true))
        .at("/header/revision")
        .asLong();
  }

  public List<Entry> list(String prefix) {
    return entries(
        call("range", Map.of("key", encode(prefix), "range_end", encode(after(prefix)))));
  }

  /** Keys anywhere that changed after a revision; deleted ones do not show. */
  public List<Entry> changedSince(long revision) {
    String everything = encode("\0");
    return entries(
        call(
            "range",
            Map.of("key", everything, "range_end", everything, "min_mod_revision", revision + 1)));
  }

  public void put(String key, String value) {
    call("put", Map.of("key", encode(key), "value", encode(value)));
  }

  public void delete(String key) {
    call("deleterange", Map.of("key", encode(key)));
  }

  private JsonNode call(String method, Map<String, Object> body) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(endpoint + method))
              .timeout(TIMEOUT)
              .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
              .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError("etcd answered " + response.statusCode() + ": " + response.body());
      }
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new AssertionError("etcd at " + endpoint + " does not answer: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while asking etcd", e);
    }
  }

  private static List<Entry> entries(JsonNode answer) {
    List<Entry> entries = new ArrayList<>();
    for (JsonNode kv : answer.path("kvs")) {
      entries.add(
          new Entry(
              decode(kv.path("key").asText()),
              decode(kv.path("value").asText()),
              kv.path("mod_revision").asLong()));
    }
    return entries;
  }

  private static String after(String prefix) {
    int last = prefix.length() - 1;
    return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String decode(String text) {
    return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
  }
}
