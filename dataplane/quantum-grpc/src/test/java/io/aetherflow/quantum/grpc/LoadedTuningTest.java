package io.aetherflow.quantum.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionConfig;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.connection.PathMetrics;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.aetherflow.quantum.packet.Guuid;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.stub.ClientCalls;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cap of the window reaches a connection that is full of data, over real sockets. */
@Timeout(60)
final class LoadedTuningTest {
  private static final int CAP_PACKETS = 64;
  private static final long CAP_BYTES = (long) CAP_PACKETS * ConnectionConfig.DATAGRAM_BYTES;
  private static final long ONE_WAY_MILLIS = 20;
  private static final long OBEYED_WITHIN_NS = TimeUnit.SECONDS.toNanos(1);

  /** Over a second of sending at the cap. */
  private static final int PACKETS_WATCHED = 2_000;

  private final InFlight inFlight = new InFlight();
  private final QuantumTransport transport =
      new QuantumTransport(
          TransportTuning.DEFAULT,
          new EndpointTrace() {
            @Override
            public ConnectionTrace onConnection(Guuid guuid, boolean client, long nowNs) {
              return client ? ConnectionTrace.NONE : inFlight;
            }
          });

  /** What the server's connection has in flight; its event loop writes, the test reads. */
  private static final class InFlight implements ConnectionTrace {
    private volatile long bytes;
    private volatile long largest;
    private volatile long packets;
    private volatile int probes;

    /** Set by the test, obeyed by the event loop: only one may write {@code largest}. */
    private volatile boolean startAgain;

    @Override
    public void onPacketSent(long number, int size, boolean inFlight, long nowNs) {
      packets = number;
      if (inFlight) {
        set(bytes + size);
      }
    }

    @Override
    public void onRetransmission(long number, boolean probe, long nowNs) {
      probes += probe ? 1 : 0;
    }

    @Override
    public void onMetrics(PathMetrics metrics, long nowNs) {
      set(metrics.bytesInFlight());
    }

    private void set(long now) {
      bytes = now;
      if (startAgain) {
        startAgain = false;
        largest = 0;
      }
      largest = Math.max(largest, now);
    }
  }

  @Test
  void aCapOfTheWindowIsObeyedWithinASecondAndStaysObeyed() throws Exception {
    Server server =
        QuantumServerBuilder.forAddress(
                transport, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new EchoService().definition())
            .build()
            .start();
    InetSocketAddress address = (InetSocketAddress) server.getListenSockets().getFirst();
    try (UdpRelay relay = UdpRelay.slow(address, ONE_WAY_MILLIS)) {
      ManagedChannel channel =
          QuantumChannelBuilder.forAddress(
                  transport,
                  relay.address().getAddress().getHostAddress(),
                  relay.address().getPort())
              .usePlaintext()
              .build();
      Iterator<byte[]> flood =
          ClientCalls.blockingServerStreamingCall(
              channel, EchoService.FLOOD, CallOptions.DEFAULT, new byte[0]);
      while (inFlight.bytes < 3 * CAP_BYTES) {
        flood.next();
      }
      transport.setTuning(TransportTuning.DEFAULT.withMaxCwndPackets(CAP_PACKETS));
      long fromNs = System.nanoTime();
      while (inFlight.bytes > CAP_BYTES) {
        flood.next();
      }
      assertThat(System.nanoTime() - fromNs).isLessThan(OBEYED_WITHIN_NS);
      inFlight.startAgain = true;
      int probesBefore = inFlight.probes;
      for (long end = inFlight.packets + PACKETS_WATCHED; inFlight.packets < end; ) {
        flood.next();
      }
      // A machine that stalls for a round trip causes a tail-loss probe, which may pass the window.
      int probes = inFlight.probes - probesBefore;
      assertThat(inFlight.largest)
          .isGreaterThan(CAP_BYTES / 2)
          .isLessThanOrEqualTo(CAP_BYTES + (long) probes * ConnectionConfig.DATAGRAM_BYTES);
      channel.shutdownNow();
    } finally {
      server.shutdownNow();
    }
  }
}
