package io.aetherflow.quantum.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.congestion.Bbr;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionConfig;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A listening endpoint's connections have the newest tuning, whenever they came. */
class EndpointTuningTest {
  private static final PeerAddress CLIENT = PeerAddress.ofIpv4(1, 1111);
  private static final PeerAddress SERVER = PeerAddress.ofIpv4(2, 9090);

  private final ConnectionConfig config =
      ConnectionConfig.of(TransportTuning.DEFAULT, () -> new Bbr(1, 1200));
  private final Endpoint server = new Endpoint(EndpointConfig.server(config), new Random(1));
  private final Endpoint clients = new Endpoint(EndpointConfig.client(config), new Random(2));

  private Connection accepted() {
    byte[] wire = new byte[1500];
    int length = clients.connect(SERVER, 0).pollTransmit(0, wire, 0);
    return server.onDatagram(CLIENT, wire, 0, length, new byte[1500], 0);
  }

  @Test
  void openAndLaterConnectionsFollowAnEdit() {
    Connection open = accepted();
    long before = open.congestionWindowBytes();
    server.setTuning(TransportTuning.DEFAULT.withMaxCwndPackets(4), 0);
    assertThat(before).isGreaterThan(4 * 1200);
    assertThat(open.congestionWindowBytes()).isEqualTo(4 * 1200);
    assertThat(accepted().congestionWindowBytes()).isEqualTo(4 * 1200);
  }
}
