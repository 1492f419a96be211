package io.aetherflow.bench.child;

import java.util.Map;

/** What a child JVM does. Called by one thread. */
public interface Role extends AutoCloseable {
  /**
   * Starts and returns when the peer may come, or when the peer is connected.
   *
   * @return facts for the parent, such as the port
   */
  Map<String, Object> start() throws Exception;

  /** Measures, if this is the side that measures; events go to the parent at once. */
  default void run(Events events) throws Exception {
    throw new IllegalStateException("this side only answers");
  }

  /** What it has counted so far, besides the CPU time that is always reported. */
  default Map<String, Object> counters() {
    return Map.of();
  }

  @Override
  default void close() throws Exception {}

  /** Tells the parent something. */
  interface Events {
    void tell(String event, Map<String, Object> values);
  }
}
