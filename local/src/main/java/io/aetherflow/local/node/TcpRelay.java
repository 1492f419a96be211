package io.aetherflow.local.node;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** One listening address whose connections go to endpoints in turn. Thread-safe. */
final class TcpRelay implements AutoCloseable {
  /** Caps the memory that clients of one address can pin in this JVM. */
  private static final int CONNECTIONS_MAX = 1_000;

  private static final int CONNECT_MILLIS = 2_000;

  private final ServerSocket listener;
  private final AtomicInteger turn = new AtomicInteger();
  private final Semaphore room = new Semaphore(CONNECTIONS_MAX);
  private volatile List<InetSocketAddress> endpoints;

  private TcpRelay(ServerSocket listener, List<InetSocketAddress> endpoints) {
    this.listener = listener;
    this.endpoints = endpoints;
  }

  static TcpRelay listen(InetSocketAddress address, List<InetSocketAddress> endpoints)
      throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.setReuseAddress(true);
    try {
      listener.bind(address);
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    TcpRelay relay = new TcpRelay(listener, endpoints);
    Thread.ofVirtual().name("relay").start(relay::accept);
    return relay;
  }

  /** Where new connections go. */
  void endpoints(List<InetSocketAddress> now) {
    endpoints = now;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (room.tryAcquire()) {
          Thread.ofVirtual().name("relay-connection").start(() -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException e) {
        // Either closed, which ends the loop, or a client that gave up early.
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = dial()) {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      Thread back = Thread.ofVirtual().name("relay-back").start(() -> copy(server, client));
      copy(client, server);
      back.join();
    } catch (IOException e) {
      // No endpoint took the connection: the client sees it closed, as behind kube-proxy.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      room.release();
    }
  }

  /** The next endpoint that accepts; each is tried once. */
  private Socket dial() throws IOException {
    List<InetSocketAddress> now = endpoints;
    int first = turn.getAndIncrement();
    for (int i = 0; i < now.size(); i++) {
      Socket socket = new Socket();
      try {
        socket.connect(now.get(Math.floorMod(first + i, now.size())), CONNECT_MILLIS);
        return socket;
      } catch (IOException e) {
        socket.close();
      }
    }
    throw new IOException("no endpoint accepts");
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed as far as anyone can tell.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      // Nothing else can be done about a listener.
    }
  }
}
