package io.aetherflow.operator.backup;

import io.etcd.jetcd.Client;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** etcd's own stream of a snapshot, from whichever member answers. */
final class EtcdSource implements SnapshotDirectory.Source {
  /** Makes a client. */
  @FunctionalInterface
  interface Clients {
    Client open() throws IOException;
  }

  private final Clients clients;
  private final Duration stall;

  /**
   * @param clients a new client each time, closed after use: a broken stream leaves nothing behind
   * @param stall how long nothing may come before the stream counts as broken
   */
  EtcdSource(Clients clients, Duration stall) {
    this.clients = clients;
    this.stall = stall;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException, InterruptedException {
    Counted counted = new Counted(out);
    try (Client client = clients.open()) {
      CompletableFuture<Long> done = client.getMaintenanceClient().snapshot(counted);
      long seen = -1;
      while (true) {
        try {
          done.get(stall.toMillis(), TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          long now = counted.bytes.get();
          if (now == seen) {
            done.cancel(true);
            throw new IOException(
                "etcd sent nothing for " + stall.toSeconds() + " s, after " + now + " bytes");
          }
          seen = now;
        }
      }
    } catch (ExecutionException e) {
      throw new IOException(rootMessage(e), e);
    } finally {
      counted.close();
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
  }

  /** Written by the client's thread, and by nobody any more once it is closed. */
  private static final class Counted extends FilterOutputStream {
    final AtomicLong bytes = new AtomicLong();
    private boolean closed;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public synchronized void write(byte[] content, int offset, int length) throws IOException {
      if (closed) {
        throw new IOException("the snapshot was given up");
      }
      out.write(content, offset, length);
      bytes.addAndGet(length);
    }

    /** The file below belongs to the caller. */
    @Override
    public synchronized void close() {
      closed = true;
    }
  }
}
