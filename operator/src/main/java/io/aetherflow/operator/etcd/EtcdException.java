package io.aetherflow.operator.etcd;

/** etcd did not do what it was asked; the message says what and why. */
final class EtcdException extends Exception {
  private static final long serialVersionUID = 1L;

  EtcdException(String message) {
    super(message);
  }
}
