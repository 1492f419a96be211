package io.aetherflow.e2e.collab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;

/** A REST client of one gateway. May be used from any thread. */
public final class Rest implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final Door door;
  private final String token;

  /** A null token sends none. */
  public Rest(Door door, String token) {
    this.door = door;
    this.token = token;
  }

  /** Status code and body; the body is missing when there is none. */
  public record Response(int status, JsonNode body) {
    /** Fails with the server's words unless the status is one of the 200s. */
    public JsonNode ok() {
      if (status / 100 != 2) {
        throw new AssertionError("HTTP " + status + ": " + body);
      }
      return body;
    }
  }

  public Response get(String path) {
    return send("GET", path, "");
  }

  public Response post(String path, String json) {
    return send("POST", path, json);
  }

  public Response delete(String path) {
    return send("DELETE", path, "");
  }

  private Response send(String method, String path, String json) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + door.authority() + "/api/v1" + path))
            .timeout(TIMEOUT)
            .method(
                method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json));
    if (!json.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Response(
          response.statusCode(),
          response.body().isEmpty() ? MissingNode.getInstance() : JSON.readTree(response.body()));
    } catch (IOException e) {
      throw new AssertionError(method + " " + path + " at " + door.authority() + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted during " + method + " " + path, e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
