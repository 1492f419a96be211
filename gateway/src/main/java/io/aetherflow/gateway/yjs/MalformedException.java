package io.aetherflow.gateway.yjs;

/** The bytes are not what the Yjs protocol says they must be; the message names what is wrong. */
public final class MalformedException extends Exception {
  public MalformedException(String message) {
    super(message, null, false, false);
  }
}
