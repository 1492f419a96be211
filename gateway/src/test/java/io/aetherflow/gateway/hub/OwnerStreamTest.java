package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An owner that takes requests only when told. */
@Timeout(60)
final class OwnerStreamTest {
  private static final int REQUESTS = 300;
  private static final byte[] DATA = new byte[16 * 1024];

  private final String name = UUID.randomUUID().toString();
  private final ExecutorService hub = Executors.newSingleThreadExecutor();
  private final BlockingQueue<String> taken = new LinkedBlockingQueue<>();
  private final CompletableFuture<ServerCallStreamObserver<SyncResponse>> opened =
      new CompletableFuture<>();
  private final CompletableFuture<String> broken = new CompletableFuture<>();
  private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
  private Server server;
  private ManagedChannel channel;
  private OwnerStream stream;

  @BeforeEach
  void start() throws IOException {
    server =
        InProcessServerBuilder.forName(name)
            .addService(
                new SyncServiceGrpc.SyncServiceImplBase() {
                  @Override
                  public StreamObserver<SyncRequest> sync(StreamObserver<SyncResponse> out) {
                    var call = (ServerCallStreamObserver<SyncResponse>) out;
                    call.disableAutoRequest();
                    opened.complete(call);
                    return new Requests();
                  }
                })
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).build();
    stream = new OwnerStream("owner", hub, 0, (_, _) -> {}, (_, why) -> broken.complete(why));
  }

  private final class Requests implements StreamObserver<SyncRequest> {
    @Override
    public void onNext(SyncRequest request) {
      taken.add(request.getPresence().getClientId());
    }

    @Override
    public void onError(Throwable failure) {
      cancelled.complete(null);
    }

    @Override
    public void onCompleted() {}
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    hub.shutdownNow();
  }

  @Test
  void requestsWaitHereWhileTheOwnerTakesNoneAndKeepTheirOrder() throws Exception {
    CompletableFuture.runAsync(
            () -> {
              stream.open(channel);
              for (int i = 0; i < REQUESTS; i++) {
                stream.send(request(i));
              }
            },
            hub)
        .get();
    assertThat(taken).isEmpty();
    ServerCallStreamObserver<SyncResponse> call = opened.get(10, TimeUnit.SECONDS);
    List<String> expected = new ArrayList<>();
    List<String> got = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      call.request(1);
      expected.add(Integer.toString(i));
      got.add(taken.poll(10, TimeUnit.SECONDS));
    }
    assertThat(got).isEqualTo(expected);
  }

  @Test
  void presenceWaitsBehindTheRestAndTheOldestMakesRoom() throws Exception {
    int fits = (int) (WaitingPresence.BYTES_MAX / request(REQUESTS).getSerializedSize());
    CompletableFuture.runAsync(
            () -> {
              stream.open(channel);
              for (int i = 0; i < REQUESTS; i++) {
                stream.send(request(-1));
              }
              for (int i = 0; i < REQUESTS; i++) {
                stream.sendPresence(request(i));
              }
            },
            hub)
        .get();
    ServerCallStreamObserver<SyncResponse> call = opened.get(10, TimeUnit.SECONDS);
    List<String> got = new ArrayList<>();
    for (int i = 0; i < REQUESTS + fits; i++) {
      call.request(1);
      got.add(taken.poll(10, TimeUnit.SECONDS));
    }
    assertThat(got.subList(0, REQUESTS)).containsOnly("-1");
    assertThat(got.subList(REQUESTS, got.size()))
        .isEqualTo(IntStream.range(REQUESTS - fits, REQUESTS).mapToObj(Integer::toString).toList());
  }

  @Test
  void aStreamNobodyUsesHandsItsRestToNoTransport() throws Exception {
    CompletableFuture.runAsync(
            () -> {
              stream.open(channel);
              for (int i = 0; i < REQUESTS; i++) {
                stream.send(request(i));
              }
              stream.close();
            },
            hub)
        .get();
    cancelled.get(10, TimeUnit.SECONDS);
    assertThat(taken).hasSizeLessThan(REQUESTS);
  }

  @Test
  void anOwnerThatTakesNothingIsGivenUpAtTheBound() throws Exception {
    CompletableFuture.runAsync(
            () -> {
              stream.open(channel);
              for (long sent = 0; sent <= 2 * OutgoingRequests.BYTES_MAX; sent += DATA.length) {
                stream.send(request(0));
              }
            },
            hub)
        .get();
    assertThat(broken.get(10, TimeUnit.SECONDS)).contains("too slowly");
  }

  @Test
  void aSuccessorIsAskedForOnceWhileTheOwnerIsSilent() {
    assertThat(stream.mayAskForSuccessor(DocumentState.SUSPECT_NS)).isFalse();
    assertThat(stream.mayAskForSuccessor(DocumentState.SUSPECT_NS + 1)).isTrue();
    assertThat(stream.mayAskForSuccessor(DocumentState.SUSPECT_NS + 2)).isFalse();
    stream.successorAnswered();
    assertThat(stream.mayAskForSuccessor(DocumentState.SUSPECT_NS + 3)).isTrue();
    stream.successorAnswered();
    stream.heard(DocumentState.SUSPECT_NS + 4);
    assertThat(stream.mayAskForSuccessor(DocumentState.SUSPECT_NS + 5)).isFalse();
  }

  private static SyncRequest request(int number) {
    return SyncRequest.newBuilder()
        .setPresence(
            Presence.newBuilder()
                .setClientId(Integer.toString(number))
                .setData(ByteString.copyFrom(DATA)))
        .build();
  }
}
