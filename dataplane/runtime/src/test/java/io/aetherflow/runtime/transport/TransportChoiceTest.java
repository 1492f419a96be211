package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** AETHERFLOW_TRANSPORT says what calls go over; a server takes both on one port number. */
@Timeout(60)
final class TransportChoiceTest {
  private EtcdServer etcd;
  private AetherRuntime callee;
  private Server server;

  @BeforeEach
  void start() throws IOException {
    etcd = EtcdServer.running();
    callee = TestRuntimes.start(etcd, "session-service", "s-0");
    server =
        callee
            .transports()
            .server(portFreeForBoth())
            .addService(new HealthStatusManager().getHealthService())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
    callee.close();
    etcd.close();
  }

  @Test
  void overTcpNoDatagramIsSent() {
    assertThat(datagramsOfOneCall("tcp")).isZero();
  }

  @Test
  void overQuantumDatagramsAreSent() {
    assertThat(datagramsOfOneCall("quantum")).isPositive();
  }

  @Test
  void anotherNameIsRefused() {
    assertThatThrownBy(() -> TestRuntimes.start(etcd, "api-gateway", "g-0", "udp"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("AETHERFLOW_TRANSPORT is 'udp'; it must be quantum or tcp");
  }

  private double datagramsOfOneCall(String transport) {
    try (AetherRuntime caller = TestRuntimes.start(etcd, "api-gateway", "g-0", transport)) {
      InetSocketAddress address = InetSocketAddress.createUnresolved("127.0.0.1", server.getPort());
      assertThat(
              HealthGrpc.newBlockingStub(caller.transports().channelTo(address))
                  .check(HealthCheckRequest.getDefaultInstance())
                  .getStatus())
          .isEqualTo(ServingStatus.SERVING);
      return caller.meters().get("quantum.packets.sent").counter().count();
    }
  }

  private static int portFreeForBoth() throws IOException {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    while (true) {
      try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
          DatagramSocket udp =
              new DatagramSocket(new InetSocketAddress(loopback, tcp.getLocalPort()))) {
        return udp.getLocalPort();
      } catch (SocketException taken) {
        // Somebody's datagrams: the next number.
      }
    }
  }
}
