package io.aetherflow.e2e.kube;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An API server's audit log: requests to write, also those that changed nothing or were refused.
 */
public final class AuditLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  /**
   * @param file one {@code audit.k8s.io/v1} Event a line
   */
  public AuditLog(Path file) {
    this.file = file;
  }

  /** Where the log ends now, in bytes. */
  public long end() {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What was asked for since then, by whom, and the status of the answer. */
  public List<String> writesSince(long position) {
    return since(position).stream().map(AuditLog::describe).toList();
  }

  private List<JsonNode> since(long position) {
    try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
      log.seek(position);
      byte[] bytes = new byte[Math.toIntExact(log.length() - position)];
      log.readFully(bytes);
      String text = new String(bytes, UTF_8);
      // The last line may still be written.
      return text.substring(0, text.lastIndexOf('\n') + 1).lines().map(AuditLog::parse).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException("not a line of an audit log: " + line, e);
    }
  }

  private static String describe(JsonNode event) {
    JsonNode object = event.get("objectRef");
    return "%s %s %s/%s %s by %s: %d at %s"
        .formatted(
            event.path("verb").asText(),
            object.path("resource").asText(),
            object.path("namespace").asText(),
            object.path("name").asText(),
            object.path("subresource").asText(),
            event.at("/user/username").asText(),
            event.at("/responseStatus/code").asInt(),
            event.path("stageTimestamp").asText());
  }
}
