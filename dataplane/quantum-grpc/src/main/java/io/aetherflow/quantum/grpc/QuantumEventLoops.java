package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.netty.channel.EventLoopGroup;

/** Event loops for Quantum sockets. Stateless but for the shared group. */
final class QuantumEventLoops {
  private static final EventLoopGroup CLIENTS = new QuantumEventLoopGroup(0, "quantum-client");

  private QuantumEventLoops() {}

  /** Shared by all client channels of the process; never shut down. */
  static EventLoopGroup clients() {
    return CLIENTS;
  }

  /** One loop, and with it one socket, per core. */
  static EventLoopGroup server() {
    int cores = Runtime.getRuntime().availableProcessors();
    return new QuantumEventLoopGroup(cores, "quantum-server");
  }
}
