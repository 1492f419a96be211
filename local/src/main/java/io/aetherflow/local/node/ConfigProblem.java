package io.aetherflow.local.node;

/** A container cannot be made yet from what the API holds; the message says what is missing. */
final class ConfigProblem extends Exception {
  private static final long serialVersionUID = 1L;

  ConfigProblem(String message) {
    super(message);
  }
}
