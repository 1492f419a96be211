package io.aetherflow.gateway.ws;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The open sockets by session id. Thread-safe. */
public final class SocketRegistry {
  private final ConcurrentHashMap<String, Entry> sockets = new ConcurrentHashMap<>();

  private final Object emptied = new Object();

  private record Entry(OpenSocket socket, Executor thread) {
    void run(Consumer<OpenSocket> action) {
      thread.execute(() -> action.accept(socket));
    }
  }

  /** A session resumed at the same gateway replaces its own older socket. */
  void opened(String session, OpenSocket socket, Executor thread) {
    Entry before = sockets.put(session, new Entry(socket, thread));
    if (before != null) {
      before.run(old -> old.onSessionEnded("the session was resumed by another socket"));
    }
  }

  void closed(String session, OpenSocket socket) {
    sockets.computeIfPresent(session, (_, entry) -> entry.socket() == socket ? null : entry);
    if (sockets.isEmpty()) {
      synchronized (emptied) {
        emptied.notifyAll();
      }
    }
  }

  public int size() {
    return sockets.size();
  }

  public boolean contains(String session) {
    return sockets.containsKey(session);
  }

  public List<String> sessions() {
    return List.copyOf(sockets.keySet());
  }

  /** Closes the session's socket, if it is here, with 4003. */
  public void end(String session, String reason) {
    Entry entry = sockets.get(session);
    if (entry != null) {
      entry.run(socket -> socket.onSessionEnded(reason));
    }
  }

  /** Waits until no socket is open; false when the time is up. */
  public boolean awaitEmpty(long time, TimeUnit unit) throws InterruptedException {
    long deadlineNs = System.nanoTime() + unit.toNanos(time);
    synchronized (emptied) {
      while (!sockets.isEmpty()) {
        long leftNs = deadlineNs - System.nanoTime();
        if (leftNs <= 0) {
          return false;
        }
        TimeUnit.NANOSECONDS.timedWait(emptied, leftNs);
      }
    }
    return true;
  }

  void forEach(Consumer<OpenSocket> action) {
    sockets.values().forEach(entry -> entry.run(action));
  }
}
