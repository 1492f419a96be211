package io.aetherflow.gateway.testing;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Frames of one /yjs socket as they are, for what providers never send. */
public final class YjsSocket implements WebSocket.Listener {
  /** An update of one client's three clocks, whose content was collected. */
  public static final byte[] INSERT = {0, 2, 7, 1, 1, 5, 0, 0, 3, 0};

  /** Step 1 with an empty state vector. */
  public static final byte[] ASK_FOR_ALL = {0, 0, 1, 0};

  private static final int SYNC = 0;
  private static final int AUTH = 2;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final LinkedBlockingQueue<byte[]> inbox = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private WebSocket socket;

  private YjsSocket() {}

  public static YjsSocket open(int port, String documentAndQuery) {
    YjsSocket client = new YjsSocket();
    client.socket =
        HTTP.newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/yjs/" + documentAndQuery), client)
            .join();
    return client;
  }

  /** The frame of an update that adds one struct with so many bytes to the type "t". */
  public static byte[] update(int contentBytes) {
    return sync(2, contentBytes);
  }

  /** The same as an answer to step 1. */
  public static byte[] answer(int contentBytes) {
    return sync(1, contentBytes);
  }

  private static byte[] sync(int kind, int contentBytes) {
    ByteArrayOutputStream update = new ByteArrayOutputStream();
    // One client with one struct: its id and clock, binary content, the name of its parent.
    update.writeBytes(new byte[] {1, 1, 7, 0, 3, 1, 1, 't'});
    writeVarUint(update, contentBytes);
    update.writeBytes(new byte[contentBytes]);
    update.write(0);
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(SYNC);
    frame.write(kind);
    writeVarUint(frame, update.size());
    frame.writeBytes(update.toByteArray());
    return frame.toByteArray();
  }

  private static void writeVarUint(ByteArrayOutputStream out, int value) {
    int left = value;
    for (; left >= 0x80; left >>>= 7) {
      out.write(left & 0x7F | 0x80);
    }
    out.write(left);
  }

  public void send(byte[] frame) {
    socket.sendBinary(ByteBuffer.wrap(frame), true).join();
  }

  public void sendText(String text) {
    socket.sendText(text, true).join();
  }

  public int closeCode() {
    return closed.orTimeout(15, TimeUnit.SECONDS).join();
  }

  public boolean isOpen() {
    return !closed.isDone();
  }

  /** Asks for what there is, and waits for it, which only an attached socket gets. */
  public void sync() throws InterruptedException {
    send(ASK_FOR_ALL);
    for (byte[] frame = inbox.poll(10, TimeUnit.SECONDS);
        ;
        frame = inbox.poll(10, TimeUnit.SECONDS)) {
      if (frame == null) {
        throw new AssertionError("no sync message within 10 s");
      }
      if (frame[0] == SYNC) {
        return;
      }
    }
  }

  /** The reason of the next y-protocols "permission denied". */
  public String expectDenial() throws InterruptedException {
    while (true) {
      byte[] frame = inbox.poll(10, TimeUnit.SECONDS);
      if (frame == null) {
        throw new AssertionError("no denial within 10 s");
      }
      if (frame[0] == AUTH) {
        return new String(frame, 3, frame.length - 3, StandardCharsets.UTF_8);
      }
    }
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    partial.writeBytes(bytes);
    if (last) {
      inbox.add(partial.toByteArray());
      partial.reset();
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closed.complete(statusCode);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.completeExceptionally(error);
  }
}
