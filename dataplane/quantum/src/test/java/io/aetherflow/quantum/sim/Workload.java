package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.stream.QuantumStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Random use of one end's streams. Every byte is a function of stream, direction and offset, so the
 * reader checks each one.
 */
final class Workload implements ConnectionListener {
  private static final int CHUNK_MAX = 20_000;

  private final SimNode node;
  private final SimClock clock;
  private final Random random;
  private final int direction;
  private final Map<Long, Progress> progress = new HashMap<>();
  private final byte[] chunk = new byte[CHUNK_MAX];
  private int streamsToOpen;
  private final int bytesPerStreamMax;
  private final double resetChance;
  private boolean acting;
  boolean established;
  CloseReason closed;
  int openStreams;
  long bytesRead;

  private static final class Progress {
    long toWrite;
    long written;
    long read;
    boolean resets;
  }

  Workload(
      SimNode node,
      SimClock clock,
      Random random,
      int direction,
      int streams,
      int bytesPerStreamMax,
      double resetChance) {
    this.node = node;
    this.clock = clock;
    this.random = random;
    this.direction = direction;
    streamsToOpen = streams;
    this.bytesPerStreamMax = bytesPerStreamMax;
    this.resetChance = resetChance;
    node.listener = this;
  }

  boolean isDone() {
    return established && streamsToOpen == 0 && openStreams == 0;
  }

  @Override
  public void onEstablished() {
    established = true;
    act();
  }

  private void act() {
    if (!acting && closed == null) {
      acting = true;
      clock.after(
          random.nextLong(3_000_000),
          () -> {
            acting = false;
            openSome();
            node.drive();
          });
    }
  }

  private void openSome() {
    for (int n = 1 + random.nextInt(3); n > 0 && streamsToOpen > 0 && closed == null; n--) {
      QuantumStream stream = node.connection.openStream();
      if (stream == null) {
        return;
      }
      streamsToOpen--;
      begin(stream);
    }
    if (streamsToOpen > 0) {
      act();
    }
  }

  private void begin(QuantumStream stream) {
    openStreams++;
    Progress mine = new Progress();
    mine.toWrite =
        random.nextInt(4) == 0 ? random.nextInt(2000) : random.nextInt(bytesPerStreamMax);
    mine.resets = random.nextDouble() < resetChance;
    progress.put(stream.id(), mine);
    write(stream);
  }

  private void write(QuantumStream stream) {
    Progress mine = progress.get(stream.id());
    while (mine.written < mine.toWrite) {
      int want = (int) Math.min(1 + random.nextInt(CHUNK_MAX), mine.toWrite - mine.written);
      for (int i = 0; i < want; i++) {
        chunk[i] = content(stream.id(), direction, mine.written + i);
      }
      int taken = stream.write(chunk, 0, want);
      mine.written += taken;
      if (mine.resets && mine.written > mine.toWrite / 2) {
        stream.reset(300);
        return;
      }
      if (taken < want) {
        return;
      }
    }
    finish(stream);
  }

  /** Sometimes later, so that the end travels alone. */
  private void finish(QuantumStream stream) {
    if (random.nextInt(3) > 0) {
      stream.finish();
      return;
    }
    clock.after(
        random.nextLong(300_000_000),
        () -> {
          stream.finish();
          node.drive();
        });
  }

  private static byte content(long id, int direction, long offset) {
    long mixed = (offset + 1) * 0x9E37_79B9L + id * 0x85EB_CA6BL + direction * 77;
    return (byte) (mixed >>> 11);
  }

  @Override
  public void onOpened(QuantumStream stream) {
    begin(stream);
  }

  @Override
  public void onReadable(QuantumStream stream) {
    if (random.nextInt(50) == 0) {
      clock.after(
          random.nextLong(20_000_000),
          () -> {
            readAll(stream);
            node.drive();
          });
      return;
    }
    readAll(stream);
  }

  private void readAll(QuantumStream stream) {
    Progress mine = progress.get(stream.id());
    for (int n = stream.read(chunk, 0, chunk.length);
        n > 0;
        n = stream.read(chunk, 0, chunk.length)) {
      for (int i = 0; i < n; i++) {
        if (chunk[i] != content(stream.id(), 1 - direction, mine.read + i)) {
          throw new AssertionError(stream + " differs at " + (mine.read + i));
        }
      }
      mine.read += n;
      bytesRead += n;
    }
  }

  @Override
  public void onWritable(QuantumStream stream) {
    if (stream.sendState() == io.aetherflow.quantum.stream.SendState.OPEN) {
      write(stream);
    }
  }

  @Override
  public void onReset(QuantumStream stream) {}

  @Override
  public void onStopped(QuantumStream stream) {}

  @Override
  public void onClosed(QuantumStream stream) {
    openStreams--;
  }

  /** What the other end's finished streams must have delivered here. */
  void compare(Workload peer) {
    for (Map.Entry<Long, Progress> entry : progress.entrySet()) {
      Progress theirs = peer.progress.get(entry.getKey());
      if (theirs == null) {
        throw new AssertionError("stream " + entry.getKey() + " never reached the other end");
      }
      boolean whole = theirs.resets || entry.getValue().read == theirs.toWrite;
      if (!whole) {
        throw new AssertionError("stream " + entry.getKey() + " is short");
      }
    }
  }

  /** What is unfinished, for a failure's message. */
  String details() {
    StringBuilder text = new StringBuilder();
    progress.forEach((id, mine) -> {
      QuantumStream stream = node.connection.stream(id);
      if (stream != null) {
        text.append("; ").append(stream).append(" wrote ").append(mine.written);
        text.append('/').append(mine.toWrite).append(" read ").append(mine.read);
        text.append(" unacked ").append(stream.unackedBytes());
      }
    });
    return text.toString();
  }

  @Override
  public void onStreamsAvailable() {
    act();
  }

  @Override
  public void onClosed(CloseReason reason) {
    closed = reason;
  }
}
