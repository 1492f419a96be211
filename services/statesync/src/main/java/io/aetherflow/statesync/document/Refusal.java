package io.aetherflow.statesync.document;

import java.time.Duration;
import java.util.Map;

/**
 * Why a request was not carried out; nothing of it was stored.
 *
 * @param metadata what {@code google.rpc.ErrorInfo} adds to the reason
 * @param retryAfter when the same request is worth another try; zero says nothing about it
 */
public record Refusal(
    Reason reason, String sentence, Map<String, String> metadata, Duration retryAfter) {
  /** Sheds for long enough that what waits is stored, briefly enough that nobody notices much. */
  private static final Duration BUSY = Duration.ofMillis(500);

  /** Reasons of the API, and whether the same request may succeed later. */
  public enum Reason {
    /** Another instance owns the document. */
    NOT_OWNER(true),
    /** Another instance took the document over; the operations may be stored or not. */
    EPOCH_FENCED(true),
    SEQ_TRIMMED(false),
    BASE_CONFLICT(false),
    /** Another holds the lock that the operation would need. */
    LOCK_HELD(false),
    /** The token is not, or no longer, that of the lock. */
    LOCK_LOST(false),
    /** The document's conflict policy has no such thing. */
    POLICY(false),
    /** More is waiting than the owner takes. */
    QUOTA(true),
    /** More than a document can ever hold. */
    LIMIT(false),
    /** So old a repetition that it cannot be told whether it is stored. */
    STALE(false),
    NOT_FOUND(false),
    ALREADY_EXISTS(false),
    INVALID(false),
    /** The store does not answer. */
    UNAVAILABLE(true);

    private final boolean retryable;

    Reason(boolean retryable) {
      this.retryable = retryable;
    }

    public boolean retryable() {
      return retryable;
    }
  }

  public Refusal(Reason reason, String sentence, Map<String, String> metadata) {
    this(reason, sentence, metadata, Duration.ZERO);
  }

  /** More comes than is stored. */
  static Refusal busy(String sentence) {
    return new Refusal(Reason.QUOTA, sentence, Map.of(), BUSY);
  }

  public static Refusal of(Reason reason, String sentence) {
    return new Refusal(reason, sentence, Map.of());
  }
}
