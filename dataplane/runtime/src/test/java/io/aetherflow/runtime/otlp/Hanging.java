package io.aetherflow.runtime.otlp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;

/** A collector that takes connections and answers nothing. */
final class Hanging implements AutoCloseable {
  private final ServerSocket socket;

  Hanging() {
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  OtlpOptions options() {
    return new OtlpOptions(
        URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/v1/traces"), 1);
  }

  /** Nobody who waited for one answer would be faster. */
  Duration timeout() {
    return OtlpTracing.CALL_TIMEOUT;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
