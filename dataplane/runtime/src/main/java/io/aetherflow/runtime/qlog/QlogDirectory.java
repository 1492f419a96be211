package io.aetherflow.runtime.qlog;

import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.quantum.packet.Guuid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces connections into a directory, a file for each, from a thread of its own. A server's file
 * begins once the client has proved its address, so that a flood of strangers fills nothing.
 * Thread-safe.
 */
public final class QlogDirectory implements EndpointTrace, AutoCloseable {
  static final String SUFFIX = ".qlog";

  /** Files in the directory, whoever made them, against a full disk: 1 GiB with the next. */
  static final int FILES_MAX = 64;

  /** Size of a file, but for its last line, against a full disk. */
  static final long FILE_BYTES_MAX = 16L << 20;

  /** Connections traced at once: the memory of their rings, 0.4 MB each. */
  static final int TRACES_MAX = 64;

  private static final long PAUSE_NS = 10_000_000;
  private static final long CLOSE_MILLIS = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(QlogDirectory.class);

  private final Path directory;
  private final InstantSource clock;
  private final int filesMax;
  private final long fileBytesMax;
  private final Set<QlogTrace> traces = ConcurrentHashMap.newKeySet();
  private final Map<QlogTrace, QlogFile> files = new HashMap<>();
  private final Thread writer;
  private volatile boolean closing;
  private boolean warned;

  /**
   * @throws IOException when the directory cannot be made
   */
  public QlogDirectory(Path directory, InstantSource clock) throws IOException {
    this(directory, clock, FILES_MAX, FILE_BYTES_MAX);
  }

  QlogDirectory(Path directory, InstantSource clock, int filesMax, long fileBytesMax)
      throws IOException {
    this.directory = Files.createDirectories(directory);
    this.clock = clock;
    this.filesMax = filesMax;
    this.fileBytesMax = fileBytesMax;
    writer = Thread.ofPlatform().daemon().name("qlog").start(this::run);
  }

  @Override
  public ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
    if (traces.size() >= TRACES_MAX) {
      return ConnectionTrace.NONE;
    }
    QlogTrace trace = new QlogTrace(guuid, client, nowNs, clock.millis());
    traces.add(trace);
    return trace;
  }

  /** Nothing wakes the writer: a wake-up per event would cost the packet path more than a pause. */
  private void run() {
    while (!closing) {
      traces.forEach(this::write);
      LockSupport.parkNanos(PAUSE_NS);
    }
    traces.forEach(this::write);
    traces.forEach(this::finish);
  }

  private void write(QlogTrace trace) {
    try {
      QlogFile file = files.get(trace);
      if (file == null && trace.isProved() && hasRoom()) {
        file = new QlogFile(directory, trace, fileBytesMax);
        files.put(trace, file);
      }
      boolean more = file == null ? !trace.isProved() && !trace.isOver() : file.drain();
      if (!more) {
        finish(trace);
      }
    } catch (IOException e) {
      warn("cannot write qlog files: " + e);
      finish(trace);
    }
  }

  private boolean hasRoom() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      boolean room = list.filter(file -> file.toString().endsWith(SUFFIX)).count() < filesMax;
      if (!room) {
        warn(directory + " holds " + filesMax + " qlog files; no more connections are traced");
      }
      return room;
    }
  }

  /** Once per process is enough. */
  private void warn(String text) {
    if (!warned) {
      warned = true;
      LOG.atWarn().addKeyValue("action", "qlog_problem").log(text);
    }
  }

  private void finish(QlogTrace trace) {
    traces.remove(trace);
    trace.stop();
    QlogFile file = files.remove(trace);
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        warn("cannot write qlog files: " + e);
      }
    }
  }

  /** Writes what waits and closes the files; later events are for nobody. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(writer);
    try {
      writer.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
