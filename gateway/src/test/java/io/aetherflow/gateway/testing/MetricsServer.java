package io.aetherflow.gateway.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A pod's metrics address as bare sockets, one connection after the other. */
public final class MetricsServer implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  private final String body;
  private final int announcedBytes;
  private volatile boolean letGo;

  private MetricsServer(String body, int announcedBytes) throws IOException {
    this.body = body;
    this.announcedBytes = announcedBytes;
    Thread.ofVirtual().start(this::serve);
  }

  public static MetricsServer answering(String body) throws IOException {
    return new MetricsServer(body, body.length());
  }

  /** One byte of its answer never comes. */
  public static MetricsServer stallingAfter(String body) throws IOException {
    return new MetricsServer(body, body.length() + 1);
  }

  /** Whether a client closed its connection. */
  public boolean letGo() {
    return letGo;
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/metrics");
  }

  private void serve() {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: " + announcedBytes + "\r\n\r\n";
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        InputStream in = socket.getInputStream();
        // The request is shorter than a packet.
        in.read(new byte[4096]);
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        in.transferTo(OutputStream.nullOutputStream());
        letGo = true;
      } catch (IOException e) {
        letGo = true;
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
