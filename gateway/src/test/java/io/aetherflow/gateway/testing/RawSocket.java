package io.aetherflow.gateway.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A peer that keeps to no protocol of its own. */
public final class RawSocket implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 15_000;

  private final Socket socket;

  private RawSocket(Socket socket) {
    this.socket = socket;
  }

  public static RawSocket to(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return new RawSocket(socket);
  }

  public void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    InputStream in = socket.getInputStream();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).strip();
  }

  /** As a WebSocket, whose handshake's answer is read. */
  public void upgrade() throws IOException {
    write(
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    while (!readLine().isEmpty()) {
      // Headers.
    }
  }

  /** A text message of at most 125 characters of ASCII, masked with zeros. */
  public static String frame(String text) {
    return "\u0081" + (char) (0x80 | text.length()) + "\0\0\0\0" + text;
  }

  /** The text of the next message, which is one frame of at most 64 KiB. */
  public String readFrame() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    in.readByte();
    int length = in.readUnsignedByte();
    return new String(
        in.readNBytes(length < 126 ? length : in.readUnsignedShort()), StandardCharsets.UTF_8);
  }

  /** All there is until the gateway closes. */
  public String readUntilClosed() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      socket.getInputStream().transferTo(all);
    } catch (SocketException e) {
      // A reset closes as well.
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
