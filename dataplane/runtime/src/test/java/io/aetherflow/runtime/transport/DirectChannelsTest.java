package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DirectChannelsTest {
  private final AtomicLong nowNs = new AtomicLong();
  private final List<ManagedChannel> dialled = new ArrayList<>();
  private final DirectChannels channels = new DirectChannels(this::dial, nowNs::get);
  private Server first;
  private Server second;

  @BeforeEach
  void start() throws IOException {
    first = server();
    second = server();
  }

  @AfterEach
  void stop() {
    channels.close();
    dialled.forEach(ManagedChannel::shutdownNow);
    first.shutdownNow();
    second.shutdownNow();
  }

  private static Server server() throws IOException {
    return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
        .addService(new HealthStatusManager().getHealthService())
        .build()
        .start();
  }

  private ManagedChannel dial(String address) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    dialled.add(channel);
    return channel;
  }

  private HealthGrpc.HealthBlockingStub health(Server server) {
    return HealthGrpc.newBlockingStub(channels.to("127.0.0.1:" + server.getPort()));
  }

  private static void check(HealthGrpc.HealthBlockingStub health) {
    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  /** By itself gRPC would wait longer and longer: for twelve attempts minutes. */
  @Test
  void anAddressInVainSoFarIsDialledAgainByACall() throws Exception {
    Semaphore dials = new Semaphore(0);
    try (ServerSocket dead = new ServerSocket(0)) {
      Thread.ofVirtual().start(() -> refuseAll(dead, dials));
      HealthGrpc.HealthBlockingStub health =
          HealthGrpc.newBlockingStub(channels.to("127.0.0.1:" + dead.getLocalPort()));
      for (int i = 0; i < 12; i++) {
        await()
            .pollInterval(Duration.ofMillis(20))
            .until(() -> {
              nowNs.addAndGet(DirectChannels.DIAL_AGAIN_NS);
              assertThatThrownBy(() -> check(health)).isInstanceOf(StatusRuntimeException.class);
              return dials.tryAcquire();
            });
      }
    }
  }

  private static void refuseAll(ServerSocket socket, Semaphore dials) {
    try {
      while (true) {
        socket.accept().close();
        dials.release();
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  @Test
  void anAddressNobodyCallsIsClosedAndStillUsableLater() {
    HealthGrpc.HealthBlockingStub gone = health(first);
    check(gone);
    nowNs.addAndGet(DirectChannels.UNUSED_NS - 1);
    check(health(second));
    assertThat(channels.size()).isEqualTo(2);
    nowNs.addAndGet(DirectChannels.UNUSED_NS - 1);
    check(health(second));
    assertThat(channels.size()).isEqualTo(1);
    assertThat(dialled.getFirst().isShutdown()).isTrue();
    check(gone);
    assertThat(dialled).hasSize(3);
  }

  @Test
  void anOpenStreamKeepsItsChannel() throws Exception {
    CountDownLatch answered = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    HealthGrpc.newStub(channels.to("127.0.0.1:" + first.getPort()))
        .watch(
            HealthCheckRequest.getDefaultInstance(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse response) {
                answered.countDown();
              }

              @Override
              public void onError(Throwable failure) {
                ended.countDown();
              }

              @Override
              public void onCompleted() {
                ended.countDown();
              }
            });
    assertThat(answered.await(10, TimeUnit.SECONDS)).isTrue();
    nowNs.addAndGet(10 * DirectChannels.UNUSED_NS);
    check(health(second));
    assertThat(channels.size()).isEqualTo(2);
    first.shutdownNow();
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    await()
        .until(() -> {
          nowNs.addAndGet(DirectChannels.UNUSED_NS);
          check(health(second));
          return channels.size() == 1;
        });
  }
}
