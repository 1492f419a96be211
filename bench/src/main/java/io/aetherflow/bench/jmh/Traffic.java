package io.aetherflow.bench.jmh;

import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.stream.QuantumStream;

/** The user of one end: reads all that comes. Allocates nothing. Not thread-safe. */
class Traffic implements ConnectionListener {
  static final long NEVER = Long.MAX_VALUE;
  static final int CALL_BYTES = 1000;

  /** 200 calls a second. */
  private static final long CALL_INTERVAL_NS = 5_000_000;

  private final byte[] sink = new byte[16 * 1024];

  /** The connection is there, and this stream is the first of this end. */
  void begin(QuantumStream stream, long nowNs) {}

  /** When {@link #onTime} wants to be called. */
  long nextNs() {
    return NEVER;
  }

  void onTime(long nowNs) {}

  /** Bytes came in order. */
  void onRead(QuantumStream stream, int bytes) {}

  @Override
  public void onReadable(QuantumStream stream) {
    for (int bytes = read(stream); bytes > 0; bytes = read(stream)) {
      onRead(stream, bytes);
    }
  }

  private int read(QuantumStream stream) {
    return stream.read(sink, 0, sink.length);
  }

  @Override
  public void onEstablished() {}

  @Override
  public void onOpened(QuantumStream stream) {}

  @Override
  public void onWritable(QuantumStream stream) {}

  @Override
  public void onStreamsAvailable() {}

  @Override
  public void onReset(QuantumStream stream) {
    throw new IllegalStateException(stream + " was reset");
  }

  @Override
  public void onStopped(QuantumStream stream) {
    throw new IllegalStateException(stream + " was stopped");
  }

  @Override
  public void onClosed(QuantumStream stream) {
    throw new IllegalStateException(stream + " was closed");
  }

  @Override
  public void onClosed(CloseReason reason) {
    throw new IllegalStateException("the connection ended: " + reason);
  }

  /** Writes whenever there is room. */
  static final class Bulk extends Traffic {
    private final byte[] chunk = new byte[16 * 1024];

    @Override
    void begin(QuantumStream stream, long nowNs) {
      onWritable(stream);
    }

    @Override
    public void onWritable(QuantumStream stream) {
      while (stream.write(chunk, 0, chunk.length) == chunk.length) {}
    }
  }

  /** Writes a call at fixed intervals; the answers are read. */
  static final class Caller extends Traffic {
    private final byte[] call = new byte[CALL_BYTES];
    private QuantumStream stream;
    private long nextNs = NEVER;

    @Override
    void begin(QuantumStream stream, long nowNs) {
      this.stream = stream;
      nextNs = nowNs;
    }

    @Override
    long nextNs() {
      return nextNs;
    }

    @Override
    void onTime(long nowNs) {
      while (nextNs <= nowNs) {
        stream.write(call, 0, call.length);
        nextNs += CALL_INTERVAL_NS;
      }
    }
  }

  /** Answers each whole call with as many bytes. */
  static final class Echo extends Traffic {
    private final byte[] answer = new byte[CALL_BYTES];
    private int pending;

    @Override
    void onRead(QuantumStream stream, int bytes) {
      for (pending += bytes; pending >= CALL_BYTES; pending -= CALL_BYTES) {
        stream.write(answer, 0, CALL_BYTES);
      }
    }
  }
}
