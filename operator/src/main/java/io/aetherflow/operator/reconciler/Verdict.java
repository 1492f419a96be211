package io.aetherflow.operator.reconciler;

/**
 * What a condition will say.
 *
 * @param reason one CamelCase word
 * @param message one sentence
 */
record Verdict(Status status, String reason, String message) {

  enum Status {
    TRUE("True"),
    FALSE("False"),
    UNKNOWN("Unknown");

    private final String text;

    Status(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  static Verdict yes(String reason, String message) {
    return new Verdict(Status.TRUE, reason, message);
  }

  static Verdict no(String reason, String message) {
    return new Verdict(Status.FALSE, reason, message);
  }

  static Verdict unknown(String reason, String message) {
    return new Verdict(Status.UNKNOWN, reason, message);
  }

  boolean isTrue() {
    return status == Status.TRUE;
  }
}
