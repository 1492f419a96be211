package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** The few Kubernetes API calls the commands need, over HTTPS. Thread-safe. */
final class ApiClient {
  /** Where the resource's kind is served. */
  static final String CLUSTERS = "/apis/aetherflow.io/v1alpha1/";

  static final String PLURAL = "aetherflowclusters";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  private final Kubeconfig config;
  private final HttpClient http;

  ApiClient(Kubeconfig config) {
    this.config = config;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(config.trust())
            .connectTimeout(CALL_TIMEOUT)
            .build();
  }

  /**
   * @throws RefusedException when the server answers with an error status
   */
  JsonNode get(String path) throws IOException, InterruptedException {
    return send(request(path).GET(), "application/json");
  }

  /** The server's own rendering of a list, as kubectl would print it. */
  JsonNode table(String path) throws IOException, InterruptedException {
    return send(request(path).GET(), "application/json;as=Table;v=v1;g=meta.k8s.io");
  }

  /** Server-side apply in strict mode, so that a misspelt field is refused. */
  JsonNode apply(String path, String yaml) throws IOException, InterruptedException {
    String query = "?fieldManager=aetherflow-cli&force=true&fieldValidation=Strict";
    return send(
        request(path + query)
            .header("Content-Type", "application/apply-patch+yaml")
            .method("PATCH", BodyPublishers.ofString(yaml)),
        "application/json");
  }

  /** An endless body, such as a followed log; the caller closes it. */
  InputStream stream(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        http.send(
            HttpRequest.newBuilder(config.server().resolve(path))
                .header("Authorization", "Bearer " + config.token())
                .GET()
                .build(),
            BodyHandlers.ofInputStream());
    if (response.statusCode() >= 300) {
      try (InputStream body = response.body()) {
        throw refusal(
            response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    return response.body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(config.server().resolve(path))
        .timeout(CALL_TIMEOUT)
        .header("Authorization", "Bearer " + config.token());
  }

  private JsonNode send(HttpRequest.Builder request, String accept)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request.header("Accept", accept).build(), BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw refusal(response.statusCode(), response.body());
    }
    return JSON.readTree(response.body());
  }

  private static RefusedException refusal(int code, String body) {
    try {
      return new RefusedException(code, JSON.readTree(body).path("message").asText(body));
    } catch (IOException notJson) {
      return new RefusedException(code, body);
    }
  }

  /** The API server said no; the message is its own sentence. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int code;

    RefusedException(int code, String message) {
      super(message);
      this.code = code;
    }

    int code() {
      return code;
    }
  }
}
