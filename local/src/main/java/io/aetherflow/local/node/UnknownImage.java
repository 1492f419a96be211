package io.aetherflow.local.node;

/** No program stands for the image. */
final class UnknownImage extends Exception {
  private static final long serialVersionUID = 1L;

  UnknownImage(String message) {
    super(message);
  }
}
