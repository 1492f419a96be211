package io.aetherflow.local.store;

import io.fabric8.kubernetes.api.model.Status;

/** A refused request; carries the {@code Status} object that goes to the client as it is. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Status status;

  public ApiException(Status status) {
    super(status.getMessage());
    this.status = status;
  }

  public Status status() {
    return status;
  }

  public int code() {
    return status.getCode();
  }
}
