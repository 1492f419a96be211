package io.aetherflow.runtime.qlog;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes one connection's events as JSON lines, up to a size. One thread. */
final class QlogFile implements AutoCloseable {
  private final QlogTrace trace;
  private final EventRing ring;
  private final long bytesMax;
  private final BufferedWriter out;
  private final JsonLine json = new JsonLine();
  private final long[] row = new long[EventRing.NUMBERS];
  private long bytes;
  private long droppedTold;
  private long lastNs;
  private boolean full;

  /**
   * @param bytesMax size after which nothing but the last line is written
   */
  QlogFile(Path directory, QlogTrace trace, long bytesMax) throws IOException {
    this.trace = trace;
    this.bytesMax = bytesMax;
    ring = trace.ring();
    lastNs = trace.startedNs;
    Path file = directory.resolve(trace.guuid + "." + side() + QlogDirectory.SUFFIX);
    out = Files.newBufferedWriter(file, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
    header();
  }

  private String side() {
    return trace.client ? "client" : "server";
  }

  private void header() throws IOException {
    json.begin().put("qlog_version", "0.3").put("qlog_format", "NDJSON");
    json.put("title", "Quantum " + trace.guuid).open("trace");
    json.open("vantage_point").put("type", side()).close();
    json.open("common_fields").put("group_id", trace.guuid.toString());
    json.put("time_format", "relative").put("reference_time", trace.startedEpochMillis);
    line(json.close().close().close());
  }

  private void line(JsonLine json) throws IOException {
    String text = json.toString();
    out.write(text);
    out.write('\n');
    bytes += text.length() + 1;
  }

  /** Writes what waits; says whether there may be more later. */
  boolean drain() throws IOException {
    boolean ending = trace.isOver();
    int events;
    do {
      try {
        events = ring.drain(this::write);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    } while (ending && events > 0);
    tellDropped();
    out.flush();
    return !full && !ending;
  }

  private void write(QlogEvent event, long timeNs, long[] numbers, int at, Object object) {
    lastNs = timeNs;
    if (full) {
      return;
    }
    json.begin().putMillis("time", timeNs - trace.startedNs).put("name", event.text).open("data");
    event.data(json, numbers, at, object);
    try {
      line(json.close().close());
      if (bytes >= bytesMax && event != QlogEvent.TRUNCATED) {
        row[0] = bytesMax;
        write(QlogEvent.TRUNCATED, timeNs, row, 0, null);
        full = true;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void tellDropped() {
    long dropped = ring.dropped();
    if (dropped > droppedTold) {
      row[0] = dropped - droppedTold;
      droppedTold = dropped;
      write(QlogEvent.EVENTS_DROPPED, lastNs, row, 0, null);
    }
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
