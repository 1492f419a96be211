package io.aetherflow.local;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends parts of the program one after the other; one that fails keeps back no other. One thread.
 */
final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  private record Part(String name, AutoCloseable closing) {}

  private final List<Part> parts = new ArrayList<>();

  /**
   * Adds a part that ends after those that are named already.
   *
   * @param name for the log
   */
  Shutdown then(String name, AutoCloseable closing) {
    parts.add(new Part(name, closing));
    return this;
  }

  void run() {
    for (Part part : parts) {
      try {
        part.closing().close();
      } catch (Exception e) {
        LOG.warn("{} did not end well", part.name(), e);
      }
    }
  }
}
