package io.aetherflow.gateway.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Makes documents whose history up to {@link #STATE_SEQ} is gone, over REST. */
public final class TrimmedDocuments {
  /** The last operation that only the state tells of; one more follows it. */
  public static final int STATE_SEQ = 79;

  /** So many of these are more than a log keeps once there is a state. */
  private static final String LARGE = "\"" + "x".repeat(100_000) + "\"";

  private final HttpClient http = HttpClient.newHttpClient();
  private final String documents;
  private final String token;

  /**
   * @param token may do everything with the documents
   */
  public TrimmedDocuments(int gatewayPort, String token) {
    this.documents = "http://127.0.0.1:" + gatewayPort + "/api/v1/documents";
    this.token = token;
  }

  /**
   * Returns when operations up to {@link #STATE_SEQ} are trimmed.
   *
   * @param state as JSON
   * @param last the data of the operation after it
   */
  public void create(String id, String state, String last) throws Exception {
    create(id, "");
    for (int i = 1; i <= STATE_SEQ; i++) {
      append(id, i, LARGE);
    }
    append(id, STATE_SEQ + 1, last);
    expect("PUT", "/" + id + "/state", "{\"seq\":" + STATE_SEQ + ",\"state\":" + state + "}", 200);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> send("GET", "/" + id + "/operations", "").statusCode() == 410);
  }

  /** An empty one. */
  public void create(String id, String policy) throws Exception {
    expect("POST", "", "{\"id\":\"" + id + "\",\"policy\":\"" + policy + "\"}", 201);
  }

  private void append(String id, int clientSeq, String data) throws Exception {
    String operation = "{\"client_seq\":" + clientSeq + ",\"data\":" + data + "}";
    String body = "{\"client_id\":\"c\",\"operations\":[" + operation + "]}";
    expect("POST", "/" + id + "/operations", body, 200);
  }

  private void expect(String method, String path, String body, int status) throws Exception {
    HttpResponse<String> response = send(method, path, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(documents + path))
            .header("Authorization", "Bearer " + token)
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
