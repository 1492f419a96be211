package io.aetherflow.quantum.grpc;

import static com.google.common.util.concurrent.Uninterruptibles.awaitUninterruptibly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.quantum.netty.QuantumEventLoopGroup;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What gRPC promises, on whatever transport a subclass brings. */
@Timeout(60)
abstract class GrpcContract {
  private static final int LARGE_BYTES = 16 << 20;
  private static final CallOptions CALL = CallOptions.DEFAULT;

  private final EchoService service = new EchoService();
  private Server server;
  private ManagedChannel channel;

  abstract NettyServerBuilder server(InetSocketAddress address);

  abstract NettyChannelBuilder channel(InetSocketAddress server);

  /** A client whose event loop no other uses, so that it alone hangs. */
  NettyChannelBuilder alone(NettyChannelBuilder builder) {
    return builder.eventLoopGroup(new QuantumEventLoopGroup(1, "alone"));
  }

  /** Where the client's packets go: the server, or something in between. */
  InetSocketAddress via(InetSocketAddress server) {
    return server;
  }

  @BeforeEach
  void start() throws Exception {
    open(builder -> builder);
  }

  private void open(UnaryOperator<NettyServerBuilder> options) throws Exception {
    server =
        options
            .apply(server(new InetSocketAddress("127.0.0.1", 0)))
            .addService(service.definition())
            .maxInboundMessageSize(LARGE_BYTES + 1024)
            .build()
            .start();
    channel = channelToServer().maxInboundMessageSize(LARGE_BYTES + 1024).build();
  }

  private NettyChannelBuilder channelToServer() {
    return channel(via((InetSocketAddress) server.getListenSockets().getFirst()));
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    server.shutdownNow();
    assertThat(channel.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private byte[] unary(byte[] request) {
    return ClientCalls.blockingUnaryCall(channel, EchoService.UNARY, CALL, request);
  }

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }

  @Test
  void unaryCallsOfAllSizes() {
    for (int bytes : new int[] {0, 1, 1000, 1200, 100_000}) {
      assertThat(unary(random(bytes))).isEqualTo(random(bytes));
    }
  }

  @Test
  void sixteenMegabytesThereAndBack() {
    assertThat(unary(random(LARGE_BYTES))).isEqualTo(random(LARGE_BYTES));
  }

  @Test
  void manyCallsAtOnce() throws Exception {
    List<com.google.common.util.concurrent.ListenableFuture<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ClientCall<byte[], byte[]> call = channel.newCall(EchoService.UNARY, CALL);
      calls.add(ClientCalls.futureUnaryCall(call, random(i * 50)));
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(random(i * 50));
    }
  }

  @Test
  void serverStreaming() {
    Iterator<byte[]> answers =
        ClientCalls.blockingServerStreamingCall(
            channel, EchoService.SPLIT, CALL, new byte[] {3, 0, 7});
    List<Integer> lengths = new ArrayList<>();
    answers.forEachRemaining(answer -> lengths.add(answer.length));
    assertThat(lengths).containsExactly(3, 0, 7);
  }

  @Test
  void clientStreaming() throws Exception {
    Collector collector = new Collector();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncClientStreamingCall(channel.newCall(EchoService.SUM, CALL), collector);
    for (int i = 0; i < 100; i++) {
      requests.onNext(new byte[1000]);
    }
    requests.onCompleted();
    List<byte[]> answers = collector.done.get(30, TimeUnit.SECONDS);
    assertThat(ByteBuffer.wrap(answers.getFirst()).getLong()).isEqualTo(100_000);
  }

  @Test
  void bothWaysStreaming() throws Exception {
    Collector collector = new Collector();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(EchoService.CHAT, CALL), collector);
    for (int i = 0; i < 300; i++) {
      requests.onNext(random(i));
    }
    requests.onCompleted();
    List<byte[]> answers = collector.done.get(30, TimeUnit.SECONDS);
    assertThat(answers).hasSize(300);
    for (int i = 0; i < 300; i++) {
      assertThat(answers.get(i)).isEqualTo(random(i));
    }
  }

  @Test
  void aDeadlineEndsTheCallOnBothSides() throws Exception {
    CallOptions options = CALL.withDeadlineAfter(300, TimeUnit.MILLISECONDS);
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, EchoService.HANG, options, new byte[0]))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    assertThat(service.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(unary(random(10))).isEqualTo(random(10));
  }

  @Test
  void cancellationReachesTheServer() throws Exception {
    ClientCall<byte[], byte[]> call = channel.newCall(EchoService.HANG, CALL);
    var answer = ClientCalls.futureUnaryCall(call, new byte[0]);
    assertThat(service.hanging.await(20, TimeUnit.SECONDS)).isTrue();
    answer.cancel(true);
    assertThat(service.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void errorsCarryStatusAndTrailers() {
    assertThatThrownBy(
            () -> ClientCalls.blockingUnaryCall(channel, EchoService.FAIL, CALL, new byte[0]))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e.getStatus().getDescription()).isEqualTo("no");
              assertThat(e.getTrailers().get(EchoService.TEXT)).isEqualTo("why");
            });
  }

  @Test
  void metadataOfBothKindsTravels() {
    Metadata headers = new Metadata();
    headers.put(EchoService.TEXT, "text");
    headers.put(EchoService.BINARY, random(500));
    AtomicReference<Metadata> answer = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    Channel with =
        ClientInterceptors.intercept(
            channel,
            MetadataUtils.newAttachHeadersInterceptor(headers),
            MetadataUtils.newCaptureMetadataInterceptor(answer, trailers));
    ClientCalls.blockingUnaryCall(with, EchoService.UNARY, CALL, new byte[1]);
    assertThat(answer.get().get(EchoService.TEXT)).isEqualTo("text");
    assertThat(answer.get().get(EchoService.BINARY)).isEqualTo(random(500));
  }

  @Test
  void aReaderThatWaitsHoldsTheWriterBack() throws Exception {
    ClientCall<byte[], byte[]> call = channel.newCall(EchoService.FLOOD, CALL);
    CompletableFuture<byte[]> first = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            first.complete(message);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(new byte[0]);
    call.halfClose();
    first.get(20, TimeUnit.SECONDS);
    long before;
    do {
      before = service.flooded.get();
      assertThat(unary(random(100))).isEqualTo(random(100));
    } while (service.flooded.get() != before);
    assertThat(before).as("64 kB messages written to a reader of one").isLessThan(100);
    call.cancel("enough", null);
    assertThat(service.cancelled.await(20, TimeUnit.SECONDS)).isTrue();
  }

  /**
   * Of two silent clients the one that answers pings is kept. gRPC's least interval is 10 s, so
   * {@link KeepAliveTest} runs this on all transports at the same time.
   */
  void keepAliveHoldsASilentCallAndEndsThatOfAClientThatHangs() throws Exception {
    stop();
    open(builder ->
        builder.keepAliveTime(10, TimeUnit.SECONDS).keepAliveTimeout(1, TimeUnit.SECONDS));
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    ClientCall<byte[], byte[]> silent = chat(channel, answers::add);
    assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo(random(1));

    CountDownLatch goesOn = new CountDownLatch(1);
    ManagedChannel hanging = alone(channelToServer()).build();
    // On the transport's own thread, which answers nothing while a message is being taken.
    chat(hanging, message -> awaitUninterruptibly(goesOn));
    boolean ended = service.cancelled.await(20, TimeUnit.SECONDS);
    goesOn.countDown();
    hanging.shutdownNow();
    assertThat(ended).as("the hanging client's call ended").isTrue();

    silent.sendMessage(random(2));
    assertThat(answers.poll(20, TimeUnit.SECONDS)).isEqualTo(random(2));
  }

  /** A conversation with one message sent. */
  private static ClientCall<byte[], byte[]> chat(ManagedChannel channel, Consumer<byte[]> answers) {
    ClientCall<byte[], byte[]> call =
        channel.newCall(EchoService.CHAT, CALL.withExecutor(Runnable::run));
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            answers.accept(message);
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(random(1));
    return call;
  }

  @Test
  void anOrderlyShutdownLetsOpenCallsFinish() throws Exception {
    Collector collector = new Collector();
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(EchoService.CHAT, CALL), collector);
    requests.onNext(random(5));
    collector.first.get(20, TimeUnit.SECONDS);
    server.shutdown();
    requests.onNext(random(6));
    requests.onCompleted();
    assertThat(collector.done.get(20, TimeUnit.SECONDS)).hasSize(2);
    assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> unary(new byte[1]))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  @Test
  void nobodyThereIsUnavailable() throws Exception {
    server.shutdownNow();
    assertThat(server.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> unary(new byte[1]))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  /** Told after each answer of a conversation of one message at a time. */
  interface Progress {
    void answered(int count) throws Exception;
  }

  /** One call with 100 messages back and forth. */
  void chat(Progress progress) throws Exception {
    BlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    Collector collector =
        new Collector() {
          @Override
          public void onNext(byte[] value) {
            super.onNext(value);
            answers.add(value);
          }
        };
    StreamObserver<byte[]> requests =
        ClientCalls.asyncBidiStreamingCall(channel.newCall(EchoService.CHAT, CALL), collector);
    for (int i = 1; i <= 100; i++) {
      requests.onNext(random(i));
      assertThat(answers.poll(30, TimeUnit.SECONDS)).isEqualTo(random(i));
      progress.answered(i);
    }
    requests.onCompleted();
    assertThat(collector.done.get(30, TimeUnit.SECONDS)).hasSize(100);
  }

  private static class Collector implements StreamObserver<byte[]> {
    final CompletableFuture<List<byte[]>> done = new CompletableFuture<>();
    final CompletableFuture<byte[]> first = new CompletableFuture<>();
    private final List<byte[]> answers = new ArrayList<>();

    @Override
    public void onNext(byte[] value) {
      answers.add(value);
      first.complete(value);
    }

    @Override
    public void onError(Throwable cause) {
      done.completeExceptionally(cause);
      first.completeExceptionally(cause);
    }

    @Override
    public void onCompleted() {
      done.complete(answers);
    }
  }
}
