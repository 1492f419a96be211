package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends every write to a file, one JSON object a line, with the fields that an {@code
 * audit.k8s.io/v1} Event has at level Metadata, as far as {@link Audit.Write} knows them. The file
 * is for tests and grows without a bound. Every line is flushed, so a process that is killed loses
 * only what waits for the disk. Thread-safe.
 */
public final class AuditFile implements Audit {
  private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);

  /** Far more than a line takes; afterwards lines are lost rather than the shutdown. */
  private static final long CLOSE_SECONDS = 5;

  private final Writer file;
  private final Clock clock;

  /** A thread of its own, for the server's threads must not wait for a disk. */
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("audit").factory());

  private volatile IOException failure;

  /**
   * @throws IOException when the file cannot be opened
   */
  public AuditFile(Path path, Clock clock) throws IOException {
    this.file = Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    this.clock = clock;
  }

  @Override
  public void onWrite(Write write) {
    String line = line(write);
    writer.execute(() -> append(line));
  }

  private void append(String line) {
    if (failure != null) {
      return;
    }
    try {
      file.write(line + "\n");
      file.flush();
    } catch (IOException e) {
      failure = e;
      LOG.error("The audit ends, for its file cannot be written: {}", e.toString());
    }
  }

  private String line(Write write) {
    String[] resource = write.resource().split("/", 2);
    ObjectNode event = Json.object();
    event.put("apiVersion", "audit.k8s.io/v1").put("kind", "Event");
    event.put("level", "Metadata").put("stage", "ResponseComplete");
    event.put("stageTimestamp", clock.instant().toString()).put("verb", write.verb());
    event.putObject("user").put("username", write.user());
    ObjectNode object = event.putObject("objectRef").put("resource", resource[0]);
    if (resource.length == 2) {
      object.put("subresource", resource[1]);
    }
    object.put("namespace", write.namespace()).put("name", write.name());
    event.putObject("responseStatus").put("code", write.code());
    return event.toString();
  }

  /**
   * Writes what is still to be written.
   *
   * @throws IOException when a line could not be written, now or before
   */
  @Override
  public void close() throws IOException {
    writer.shutdown();
    try {
      writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    file.close();
    if (failure != null) {
      throw failure;
    }
  }
}
