package io.aetherflow.local.store;

/**
 * How to delete.
 *
 * @param graceSeconds for pods; negative means the pod's own grace period
 * @param uid precondition, or empty
 * @param resourceVersion precondition, or empty
 */
public record Deletion(
    Propagation propagation,
    long graceSeconds,
    String uid,
    String resourceVersion,
    boolean dryRun) {

  /** What happens to dependents. */
  public enum Propagation {
    BACKGROUND,
    FOREGROUND,
    ORPHAN
  }

  public static Deletion background(long graceSeconds) {
    return new Deletion(Propagation.BACKGROUND, graceSeconds, "", "", false);
  }
}
