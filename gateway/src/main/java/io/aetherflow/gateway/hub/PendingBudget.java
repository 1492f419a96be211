package io.aetherflow.gateway.hub;

/** The bytes of all unanswered operations at this gateway. On the hub's thread. */
final class PendingBudget {
  /** Caps what all clients together can pin while owners are slow or being replaced. */
  static final long BYTES_MAX = 64L * 1024 * 1024;

  private final long max;
  private long used;

  PendingBudget(long max) {
    this.max = max;
  }

  boolean take(int bytes) {
    if (used + bytes > max) {
      return false;
    }
    used += bytes;
    return true;
  }

  void give(long bytes) {
    used -= bytes;
  }

  long used() {
    return used;
  }
}
