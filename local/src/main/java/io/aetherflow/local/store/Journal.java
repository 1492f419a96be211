package io.aetherflow.local.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.BiConsumer;

/**
 * The store's changes on disk, one JSON line each: {@code {"resource","object"}} for a write,
 * {@code {"resource","gone":"ns/name","revision"}} for a removal.
 *
 * <p>A line is handed to the operating system before the client hears of success, so it outlives
 * this process; it is forced to the disk only on compaction and close, so a power cut may lose the
 * last writes. A torn last line (cut off by a crash) is dropped. Callers serialize access.
 */
final class Journal implements AutoCloseable {
  /** Bounds the file, and so the time of a start; it is rewritten with live objects only. */
  static final long COMPACT_BYTES = 16L << 20;

  private final Path file;
  private FileChannel channel;
  private long compactAtBytes = COMPACT_BYTES;

  private Journal(Path file) {
    this.file = file;
  }

  /** Opens the journal and replays it into {@code replay} (resource, line). */
  static Journal open(Path directory, BiConsumer<String, JsonNode> replay) throws IOException {
    Files.createDirectories(directory);
    Journal journal = new Journal(directory.resolve("journal.jsonl"));
    long good = journal.replay(replay);
    journal.channel =
        FileChannel.open(journal.file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    journal.channel.truncate(good);
    journal.channel.position(good);
    return journal;
  }

  private long replay(BiConsumer<String, JsonNode> replay) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    byte[] bytes = Files.readAllBytes(file);
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        JsonNode line = parse(new String(bytes, start, i - start, StandardCharsets.UTF_8), start);
        replay.accept(Json.text(line, "resource"), line);
        start = i + 1;
      }
    }
    return start;
  }

  private JsonNode parse(String line, int offset) throws IOException {
    try {
      return Json.MAPPER.readTree(line);
    } catch (JsonProcessingException e) {
      throw new IOException(
          file + " is damaged at byte " + offset + "; restore it or delete it to start empty", e);
    }
  }

  void put(String resource, ObjectNode object) {
    ObjectNode line = Json.object().put("resource", resource);
    line.set("object", object);
    append(line);
  }

  void remove(String resource, String key, long revision) {
    append(Json.object().put("resource", resource).put("gone", key).put("revision", revision));
  }

  private void append(ObjectNode line) {
    byte[] json = Json.bytes(line);
    ByteBuffer buffer = ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
    long before = -1;
    try {
      before = channel.position();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException e) {
      rewind(before);
      throw Errors.of(
          500,
          "InternalError",
          "cannot write " + file + ": " + e.getMessage() + "; free some space");
    }
  }

  /** A half-written line in the middle would make the next start fail. */
  private void rewind(long position) {
    try {
      if (position >= 0) {
        channel.truncate(position);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot repair " + file, e);
    }
  }

  boolean wantsCompaction() {
    try {
      return channel.position() > compactAtBytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Replaces the file by what {@code live} writes through {@link #put}. When that fails (a full
   * disk) the old file stays in use, and the next attempt comes later.
   */
  void compact(Runnable live) {
    Path next = file.resolveSibling("journal.next");
    FileChannel old = channel;
    try {
      channel =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING);
      live.run();
      channel.force(true);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      compactAtBytes = Math.max(COMPACT_BYTES, 2 * channel.position());
      old.close();
    } catch (IOException | ApiException e) {
      keep(old);
      System.getLogger(Journal.class.getName())
          .log(System.Logger.Level.WARNING, "Cannot compact " + file + "; it keeps growing", e);
    }
  }

  private void keep(FileChannel old) {
    try {
      if (channel != old) {
        channel.close();
      }
    } catch (IOException e) {
      // Nothing is lost: the half-made copy is not in use.
    }
    channel = old;
    compactAtBytes *= 2;
  }

  @Override
  public void close() throws IOException {
    channel.force(true);
    channel.close();
  }
}
