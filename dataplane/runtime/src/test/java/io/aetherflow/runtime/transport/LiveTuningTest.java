package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.FecMode;
import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.grpc.Channel;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An edit in etcd changes what an open connection sends, through the whole runtime. */
@Timeout(60)
final class LiveTuningTest {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final int CALLS = 200;
  private static final int LARGE_CALLS = 100;
  private static final String LARGE = "x".repeat(24_000);

  private EtcdServer etcd;
  private AetherRuntime caller;
  private AetherRuntime called;
  private Server server;
  private Channel channel;

  @BeforeEach
  void start() throws Exception {
    HealthStatusManager health = new HealthStatusManager();
    health.setStatus(LARGE, HealthCheckResponse.ServingStatus.SERVING);
    etcd = EtcdServer.running();
    called = TestRuntimes.start(etcd, "session-service", "s-0");
    caller = TestRuntimes.start(etcd, "api-gateway", "g-0");
    server = called.transports().server(0).addService(health.getHealthService()).build().start();
    channel =
        caller
            .transports()
            .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.getPort()));
  }

  @AfterEach
  void stop() throws Exception {
    server.shutdownNow();
    caller.close();
    called.close();
    etcd.close();
  }

  private void calls() {
    HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
    for (int i = 0; i < CALLS; i++) {
      assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
          .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }
  }

  /** Parity packets that the caller sent during {@link #CALLS} calls. */
  private double repairsOfCalls() {
    double before = caller.meters().counter("quantum.fec.repairs.sent").count();
    calls();
    return caller.meters().counter("quantum.fec.repairs.sent").count() - before;
  }

  private void publish(FecMode mode, int ratioPercent) throws Exception {
    Tuning tuning = new Tuning(mode, 8, ratioPercent, 4, 277, 64, Tuning.DEFAULT.logLevel());
    Op[] puts =
        tuning.entries().entrySet().stream()
            .map(entry ->
                Op.put(Bytes.of(entry.getKey()), Bytes.of(entry.getValue()), PutOption.DEFAULT))
            .toArray(Op[]::new);
    long revision =
        caller
            .etcd()
            .client()
            .getKVClient()
            .txn()
            .Then(puts)
            .commit()
            .get()
            .getHeader()
            .getRevision();
    await().atMost(SOON).until(() -> caller.tuning().revision() == revision);
  }

  @Test
  void parityFollowsTheModeAndTheRatio() throws Exception {
    calls();
    assertThat(repairsOfCalls()).as("adaptive, on a link without loss or delay").isZero();

    publish(FecMode.FIXED, 50);
    assertThat(repairsOfCalls()).as("fixed").isGreaterThanOrEqualTo(CALLS * 0.9);

    publish(FecMode.OFF, 50);
    assertThat(repairsOfCalls()).as("off").isZero();
    assertThat(caller.meters().counter("quantum.packets.sent").count()).isGreaterThan(CALLS);
  }

  /** Calls of about 17 packets each, so that groups of eight fill. */
  private void largeCalls() {
    HealthCheckRequest large = HealthCheckRequest.newBuilder().setService(LARGE).build();
    for (int i = 0; i < LARGE_CALLS; i++) {
      HealthGrpc.newBlockingStub(channel).check(large);
    }
  }

  /** Parity packets per packet under parity that the caller sent during large calls. */
  private double parityPerSource() {
    double sources = caller.meters().counter("quantum.fec.sources.sent").count();
    double repairs = caller.meters().counter("quantum.fec.repairs.sent").count();
    largeCalls();
    return (caller.meters().counter("quantum.fec.repairs.sent").count() - repairs)
        / (caller.meters().counter("quantum.fec.sources.sent").count() - sources);
  }

  @Test
  void parityPerSourceFollowsAnEditOfTheRatioOnTheOpenConnection() throws Exception {
    publish(FecMode.FIXED, 25);
    largeCalls();
    assertThat(parityPerSource()).as("at 25 %").isBetween(0.15, 0.45);

    publish(FecMode.FIXED, 100);
    assertThat(parityPerSource()).as("at 100 %").isBetween(0.7, 1.05);
    assertThat(caller.meters().counter("quantum.connections.opened", "side", "client").count())
        .as("connections")
        .isEqualTo(1);
  }
}
