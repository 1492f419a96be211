package io.aetherflow.gateway.auth;

import java.util.Optional;

/** What a user may do with a document; each is granted on its own. */
public enum Right {
  /** Attach and see operations from now on. */
  READ,
  /** Append operations; create and delete. */
  WRITE,
  /** Read operations of the past, which resuming needs too. */
  HISTORY,
  /** Publish and see presence. */
  PRESENCE;

  static Optional<Right> of(String name) {
    return switch (name) {
      case "read" -> Optional.of(READ);
      case "write" -> Optional.of(WRITE);
      case "history" -> Optional.of(HISTORY);
      case "presence" -> Optional.of(PRESENCE);
      default -> Optional.empty();
    };
  }

  public String claim() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
