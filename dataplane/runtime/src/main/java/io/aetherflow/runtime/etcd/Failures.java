package io.aetherflow.runtime.etcd;

import io.etcd.jetcd.common.exception.ErrorCode;
import io.etcd.jetcd.common.exception.EtcdException;

/** What went wrong in a call to etcd. */
final class Failures {
  private Failures() {}

  static boolean leaseNotFound(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof EtcdException etcd && etcd.getErrorCode() == ErrorCode.NOT_FOUND) {
        return true;
      }
      if (cause.getMessage() != null && cause.getMessage().contains("requested lease not found")) {
        return true;
      }
    }
    return false;
  }

  static String sentence(Throwable error) {
    Throwable cause = error;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
