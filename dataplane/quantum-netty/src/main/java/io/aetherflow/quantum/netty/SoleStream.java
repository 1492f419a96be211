package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.stream.QuantumStream;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.AlreadyConnectedException;

/** A client's channel that is a connection with one stream, from the handshake to its end. */
final class SoleStream implements ConnectionOwner {
  private final QuantumTransport transport;
  private final QuantumStreamChannel channel;
  private ChannelPromise connecting;
  private boolean begun;

  SoleStream(QuantumTransport transport, QuantumStreamChannel channel) {
    this.transport = transport;
    this.channel = channel;
  }

  void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
    if (begun) {
      promise.tryFailure(new AlreadyConnectedException());
      return;
    }
    begun = true;
    connecting = promise;
    try {
      ConnectionDriver driver =
          ClientSocket.connect(
              transport, transport.soleConfig(), channel.eventLoop(), remote, local, this);
      channel.onConnecting(driver, (InetSocketAddress) remote);
      driver.wake();
    } catch (RuntimeException | IOException e) {
      fail(e);
    }
  }

  private void fail(Throwable cause) {
    ChannelPromise promise = connecting;
    connecting = null;
    if (promise != null) {
      promise.tryFailure(cause);
      channel.unsafe().close(channel.voidPromise());
    }
  }

  void onChannelClosed() {
    fail(new IOException("closed while connecting"));
  }

  @Override
  public void onEstablished(ConnectionDriver driver) {
    ChannelPromise promise = connecting;
    if (promise == null) {
      return;
    }
    QuantumStream stream = driver.connection().openStream();
    if (stream == null) {
      fail(new IOException("the server grants no stream"));
      return;
    }
    connecting = null;
    channel.onConnected(driver, stream, promise);
  }

  /** Nobody has a use for it here. */
  @Override
  public void onOpened(ConnectionDriver driver, QuantumStream stream) {
    stream.reset(0);
    stream.stop(0);
  }

  @Override
  public void onStreamsAvailable(ConnectionDriver driver) {}

  @Override
  public void onStreamClosed(ConnectionDriver driver) {
    driver.closeWhenDelivered();
  }

  @Override
  public void onClosed(ConnectionDriver driver, IOException cause) {
    fail(cause == null ? new IOException("closed") : cause);
  }
}
