package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.PeerAddress;
import java.util.random.RandomGenerator;

/**
 * The peer's address, and the one it may be moving to. Nobody gets more than three times the bytes
 * it sent before it has echoed a challenge. Times are nanoseconds. Not thread-safe.
 */
final class Paths {
  /** Bytes to an unvalidated address per byte from it (RFC 9000 section 8.1). */
  static final int AMPLIFICATION = 3;

  /** Challenges before a candidate is given up. */
  private static final int CHALLENGES_MAX = 10;

  private final RandomGenerator random;
  private PeerAddress active;
  private boolean validated;
  private long activeReceived;
  private long activeSent;
  private long handshakeChallenge;
  private PeerAddress candidate;
  private long candidateChallenge;
  private long candidateReceived;
  private long candidateSent;
  private int challengesSent;
  private boolean challengeDue;
  private PeerAddress responseTo;
  private long responseData;

  Paths(PeerAddress active, boolean validated, RandomGenerator random) {
    this.active = active;
    this.validated = validated;
    this.random = random;
  }

  PeerAddress active() {
    return active;
  }

  boolean isValidated() {
    return validated;
  }

  /** Draws the challenge that a server's handshake carries. */
  void drawHandshakeChallenge() {
    handshakeChallenge = random.nextLong();
  }

  long handshakeChallenge() {
    return handshakeChallenge;
  }

  /** Bytes that may still go to the active address. */
  long budgetBytes() {
    return validated ? Long.MAX_VALUE : AMPLIFICATION * activeReceived - activeSent;
  }

  void onReceived(PeerAddress from, int bytes) {
    if (from.equals(active)) {
      activeReceived += bytes;
    } else if (from.equals(candidate)) {
      candidateReceived += bytes;
    }
  }

  void onSent(int bytes) {
    activeSent += bytes;
  }

  void validate() {
    validated = true;
  }

  /** The newest packet came from elsewhere: a candidate, one at a time. */
  void onNewestFrom(PeerAddress from, int bytes) {
    if (from.equals(active) || from.equals(candidate)) {
      return;
    }
    candidate = from;
    candidateChallenge = random.nextLong();
    candidateReceived = bytes;
    candidateSent = 0;
    challengesSent = 0;
    challengeDue = true;
  }

  /** Whether the peer's answer proves the candidate, which then is the active address. */
  boolean onResponse(long data) {
    if (candidate == null || data != candidateChallenge) {
      return false;
    }
    active = candidate;
    candidate = null;
    challengeDue = false;
    return true;
  }

  /** The challenge was not answered in time: again, or give the candidate up. */
  void onChallengeTimeout() {
    if (candidate == null) {
      return;
    }
    if (challengesSent >= CHALLENGES_MAX) {
      candidate = null;
    } else {
      challengeDue = true;
    }
  }

  /** Only the newest challenge is answered, so a flood of them queues nothing. */
  void onChallenge(long data, PeerAddress from) {
    responseData = data;
    responseTo = from;
  }

  boolean hasResponse() {
    return responseTo != null;
  }

  long responseData() {
    return responseData;
  }

  PeerAddress takeResponseAddress() {
    PeerAddress to = responseTo;
    responseTo = null;
    return to;
  }

  boolean challengeDue(int bytes) {
    return challengeDue && candidateSent + bytes <= AMPLIFICATION * candidateReceived;
  }

  boolean hasCandidate() {
    return candidate != null;
  }

  PeerAddress candidate() {
    return candidate;
  }

  long challenge() {
    return candidateChallenge;
  }

  void onChallengeSent(int bytes) {
    challengeDue = false;
    challengesSent++;
    candidateSent += bytes;
  }
}
