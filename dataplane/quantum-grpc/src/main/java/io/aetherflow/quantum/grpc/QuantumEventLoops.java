package io.aetherflow.quantum.grpc;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;

/** Event loops of daemon threads for Quantum sockets. Stateless but for the shared group. */
final class QuantumEventLoops {
  private static final EventLoopGroup CLIENTS =
      new MultiThreadIoEventLoopGroup(
          0, new DefaultThreadFactory("quantum-client", true), NioIoHandler.newFactory());

  private QuantumEventLoops() {}

  /** Shared by all client channels of the process; never shut down. */
  static EventLoopGroup clients() {
    return CLIENTS;
  }

  /** A group with the single loop that a server's socket and all its streams need. */
  static EventLoopGroup server() {
    return new MultiThreadIoEventLoopGroup(
        1, new DefaultThreadFactory("quantum-server", true), NioIoHandler.newFactory());
  }
}
