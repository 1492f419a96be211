package io.aetherflow.runtime.transport;

import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ServerChannel;

/**
 * Makes the listening channels of one gRPC server that has its address twice: Quantum's first, then
 * TCP's. A caller on TCP, for comparison or where UDP is blocked, finds the same services on the
 * same port number.
 */
final class BothProtocols implements ChannelFactory<ServerChannel> {
  private final ChannelFactory<? extends ServerChannel> quantum;
  private boolean quantumMade;

  BothProtocols(ChannelFactory<? extends ServerChannel> quantum) {
    this.quantum = quantum;
  }

  @Override
  public synchronized ServerChannel newChannel() {
    if (quantumMade) {
      return QuantumEventLoopGroup.newTcpServerChannel();
    }
    quantumMade = true;
    return quantum.newChannel();
  }
}
