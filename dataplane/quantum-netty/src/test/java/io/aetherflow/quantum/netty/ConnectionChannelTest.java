package io.aetherflow.quantum.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.stream.StreamLimits;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many streams on one connection, over real sockets. */
@Timeout(60)
class ConnectionChannelTest {
  private static final ChannelHandler ECHO = new ConnectionPair.Echo();
  private static final int STREAMS = 100;

  /** Small windows, so that a slow reader fills them soon. */
  private static final StreamLimits SMALL = new StreamLimits(1 << 20, 64 * 1024, STREAMS, 4 << 20);

  private ConnectionPair pair;

  @AfterEach
  void close() {
    pair.close();
  }

  private ConnectionPair open(StreamLimits limits, ChannelHandler streamHandler) throws Exception {
    pair = new ConnectionPair(new QuantumEventLoopGroup(2, "test"), limits, streamHandler);
    return pair;
  }

  private QuantumConnectionChannel connect() throws Exception {
    return pair.connect(pair.address(), ECHO);
  }

  private static <T> T get(java.util.concurrent.Future<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  /** Streams with contents of their own, all at once. */
  private static List<Recorder> sendMany(QuantumConnectionChannel connection, long seed, int bytes)
      throws Exception {
    List<Recorder> echoes = new ArrayList<>();
    List<QuantumStreamChannel> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      Recorder echo = new Recorder();
      echoes.add(echo);
      streams.add(ConnectionPair.open(connection, echo));
    }
    for (int i = 0; i < STREAMS; i++) {
      ConnectionPair.send(streams.get(i), ConnectionPair.content(seed + i, bytes + i));
    }
    return echoes;
  }

  private static void assertEchoes(List<Recorder> echoes, long seed, int bytes) throws Exception {
    for (int i = 0; i < STREAMS; i++) {
      assertThat(get(echoes.get(i).whole))
          .as("echo of stream " + i)
          .isEqualTo(ConnectionPair.content(seed + i, bytes + i));
      get(echoes.get(i).inactive);
    }
  }

  private void assertManyBothWays(InetSocketAddress to, int bytes) throws Exception {
    QuantumConnectionChannel client = pair.connect(to, ECHO);
    QuantumConnectionChannel server = pair.serversEnd();
    List<Recorder> clients = sendMany(client, 1000, bytes);
    List<Recorder> servers = sendMany(server, 5000, bytes);
    assertEchoes(clients, 1000, bytes);
    assertEchoes(servers, 5000, bytes);
    assertThat(client.isActive()).isTrue();
    assertThat(pair.accepted).as("further connections").isEmpty();
  }

  @Test
  void hundredStreamsEachWayEchoDifferentContent() throws Exception {
    open(StreamLimits.DEFAULT, ECHO);
    assertManyBothWays(pair.address(), 50_000);
  }

  @Test
  void overNioToo() throws Exception {
    QuantumEventLoopGroup nio = new QuantumEventLoopGroup(1, "test", NioIoHandler.newFactory());
    pair = new ConnectionPair(nio, StreamLimits.DEFAULT, ECHO);
    assertManyBothWays(pair.address(), 5_000);
  }

  @Test
  void hundredStreamsEachWayOverLossyPath() throws Exception {
    open(StreamLimits.DEFAULT, ECHO);
    try (Relay relay = new Relay(pair.address(), 0.03)) {
      assertManyBothWays(relay.address(), 5_000);
    }
  }

  /** Of the first stream nobody reads; all others are echoed. */
  private static ChannelHandler slowFirst(BlockingQueue<Channel> slow, Recorder recorder) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (((QuantumStreamChannel) channel).streamId() == 0) {
          channel.config().setOption(ChannelOption.AUTO_READ, false);
          channel.pipeline().addLast(recorder);
          slow.add(channel);
        } else {
          channel.pipeline().addLast(ECHO);
        }
      }
    };
  }

  @Test
  void aSlowReaderOfOneStreamDoesNotStopTheOthers() throws Exception {
    BlockingQueue<Channel> slow = new LinkedBlockingQueue<>();
    Recorder slowReader = new Recorder();
    open(SMALL, slowFirst(slow, slowReader));
    QuantumConnectionChannel client = connect();
    QuantumStreamChannel first = ConnectionPair.open(client, new Recorder());
    byte[] much = ConnectionPair.content(1, 8 << 20);
    ConnectionPair.send(first, much);
    Channel unread = slow.poll(20, TimeUnit.SECONDS);
    Recorder echo = new Recorder();
    ConnectionPair.send(ConnectionPair.open(client, echo), ConnectionPair.content(2, 1 << 20));
    assertThat(get(echo.whole)).isEqualTo(ConnectionPair.content(2, 1 << 20));
    assertThat(first.isWritable()).as("the writer is held back").isFalse();
    assertThat(slowReader.byteCount()).isZero();
    unread.config().setOption(ChannelOption.AUTO_READ, true);
    unread.read();
    assertThat(get(slowReader.whole)).isEqualTo(much);
    assertThat(first.isWritable() || first.isOutputShutdown()).isTrue();
  }

  /** Hands the server's side of each stream out. */
  private static ChannelHandler recording(BlockingQueue<Recorder> recorders) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        Recorder recorder = new Recorder();
        channel.pipeline().addLast(recorder);
        recorders.add(recorder);
      }
    };
  }

  private static void write(Channel stream, String text) {
    stream.writeAndFlush(Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.US_ASCII));
  }

  @Test
  void resetAndStopTouchOneStreamOnly() throws Exception {
    BlockingQueue<Recorder> servers = new LinkedBlockingQueue<>();
    open(StreamLimits.DEFAULT, recording(servers));
    QuantumConnectionChannel client = connect();
    Recorder ours = new Recorder();
    QuantumStreamChannel broken = ConnectionPair.open(client, ours);
    write(broken, "x");
    Recorder theirs = servers.poll(20, TimeUnit.SECONDS);
    Channel theirEnd = get(theirs.active);
    QuantumStreamChannel whole = ConnectionPair.open(client, new Recorder());
    write(whole, "before ");
    Recorder wholeTheirs = servers.poll(20, TimeUnit.SECONDS);

    broken.resetOutput(300);
    assertThat(get(theirs.reset)).isEqualTo(new StreamEvent.Reset(300));
    assertThat(theirEnd.isActive()).as("its other half lives").isTrue();
    broken.stopInput(301);
    assertThat(get(theirs.stopped)).isEqualTo(new StreamEvent.Stopped(301));
    get(theirs.inactive);
    get(ours.inactive);
    assertThat(theirs.whole).as("a reset is no end").isNotDone();

    write(whole, "after");
    whole.shutdownOutput();
    assertThat(get(wholeTheirs.whole)).asString().isEqualTo("before after");
    assertThat(whole.isActive()).isTrue();
  }

  @Test
  void halvesEndOneByOne() throws Exception {
    BlockingQueue<Recorder> servers = new LinkedBlockingQueue<>();
    open(StreamLimits.DEFAULT, recording(servers));
    Recorder ours = new Recorder();
    QuantumStreamChannel stream = ConnectionPair.open(connect(), ours);
    write(stream, "question");
    stream.shutdownOutput().sync();
    assertThat(stream.isOutputShutdown()).isTrue();
    assertThat(stream.isActive()).isTrue();
    assertThatThrownBy(() -> stream.writeAndFlush(Unpooled.EMPTY_BUFFER).sync())
        .isInstanceOf(java.io.IOException.class);
    Recorder theirs = servers.poll(20, TimeUnit.SECONDS);
    assertThat(get(theirs.whole)).asString().isEqualTo("question");
    QuantumStreamChannel answering = (QuantumStreamChannel) get(theirs.active);
    assertThat(answering.isInputShutdown()).isTrue();
    ConnectionPair.send(answering, "answer".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertThat(get(ours.whole)).asString().isEqualTo("answer");
    get(ours.inactive);
    get(theirs.inactive);
  }

  @Test
  void streamsBeyondThePeersLimitWait() throws Exception {
    open(new StreamLimits(1 << 20, 64 * 1024, 2, 1 << 20), ECHO);
    QuantumConnectionChannel client = connect();
    Recorder first = new Recorder();
    Recorder second = new Recorder();
    QuantumStreamChannel one = ConnectionPair.open(client, first);
    QuantumStreamChannel two = ConnectionPair.open(client, second);
    Future<QuantumStreamChannel> third = client.openStream(new Recorder());
    Future<QuantumStreamChannel> cancelled = client.openStream(new Recorder());
    Recorder fourthEcho = new Recorder();
    Future<QuantumStreamChannel> fourth = client.openStream(fourthEcho);
    client.eventLoop().submit(() -> assertThat(third.isDone()).isFalse()).sync();
    assertThat(cancelled.cancel(false)).isTrue();
    ConnectionPair.send(two, ConnectionPair.content(2, 1000));
    assertThat(get(second.whole)).isEqualTo(ConnectionPair.content(2, 1000));
    ConnectionPair.send(one, ConnectionPair.content(1, 1000));
    assertThat(get(first.whole)).isEqualTo(ConnectionPair.content(1, 1000));
    ConnectionPair.send(get(third), ConnectionPair.content(3, 10));
    ConnectionPair.send(get(fourth), ConnectionPair.content(4, 10));
    assertThat(get(fourthEcho.whole)).isEqualTo(ConnectionPair.content(4, 10));
  }

  @Test
  void whatWaitsIsBoundedAndWhatWasCancelledMakesRoom() throws Exception {
    open(new StreamLimits(1 << 20, 64 * 1024, 1, 1 << 20), ECHO);
    QuantumConnectionChannel client = connect();
    ConnectionPair.open(client, new Recorder());
    Future<QuantumStreamChannel> last = null;
    for (int i = 0; i < QuantumConnectionChannel.WAITING_MAX; i++) {
      last = client.openStream(ECHO);
    }
    assertThat(client.openStream(ECHO).await().cause())
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("4096 streams wait");
    assertThat(last.cancel(false)).isTrue();
    Future<QuantumStreamChannel> another = client.openStream(ECHO);
    client.eventLoop().submit(() -> assertThat(another.isDone()).isFalse()).sync();
  }

  @Test
  void whatWaitsFailsWithTheConnection() throws Exception {
    open(new StreamLimits(1 << 20, 64 * 1024, 1, 1 << 20), ECHO);
    QuantumConnectionChannel client = connect();
    ConnectionPair.open(client, new Recorder());
    Future<QuantumStreamChannel> waiting = client.openStream(new Recorder());
    client.eventLoop().submit(() -> assertThat(waiting.isDone()).isFalse()).sync();
    client.close().sync();
    assertThat(waiting.await().cause()).isInstanceOf(ClosedChannelException.class);
    assertThat(client.openStream(new Recorder()).await().cause())
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void closingTheConnectionClosesItsStreams() throws Exception {
    BlockingQueue<Recorder> servers = new LinkedBlockingQueue<>();
    open(StreamLimits.DEFAULT, recording(servers));
    QuantumConnectionChannel client = connect();
    Recorder ours = new Recorder();
    QuantumStreamChannel stream = ConnectionPair.open(client, ours);
    write(stream, "last words");
    client.close().sync();
    get(ours.inactive);
    Recorder theirs = servers.poll(20, TimeUnit.SECONDS);
    assertThat(get(theirs.whole)).asString().isEqualTo("last words");
    get(theirs.inactive);
    pair.serversEnd().closeFuture().sync();
  }

  @Test
  void aCodeOfTheUsersIsTold() throws Exception {
    BlockingQueue<Recorder> servers = new LinkedBlockingQueue<>();
    open(StreamLimits.DEFAULT, recording(servers));
    QuantumConnectionChannel client = connect();
    write(ConnectionPair.open(client, new Recorder()), "x");
    Recorder theirs = servers.poll(20, TimeUnit.SECONDS);
    client.close(333, "enough");
    assertThat(get(pair.serversEvents.failed))
        .isInstanceOfSatisfying(
            QuantumClosedException.class,
            e ->
                assertThat(e.reason())
                    .isEqualTo(new CloseReason(CloseReason.Cause.PEER, 333, "enough")));
    assertThat(get(theirs.failed)).isInstanceOf(QuantumClosedException.class);
    get(theirs.inactive);
  }

  @Test
  void whatArrivedBeforeAnOrderlyEndCanStillBeRead() throws Exception {
    BlockingQueue<Channel> slow = new LinkedBlockingQueue<>();
    Recorder slowReader = new Recorder();
    open(StreamLimits.DEFAULT, slowFirst(slow, slowReader));
    QuantumConnectionChannel client = connect();
    byte[] content = ConnectionPair.content(1, 1 << 20);
    ConnectionPair.open(client, new Recorder()).writeAndFlush(Unpooled.wrappedBuffer(content));
    client.close().sync();
    Channel unread = slow.poll(20, TimeUnit.SECONDS);
    pair.serversEnd().closeFuture().sync();
    assertThat(unread.isOpen()).isTrue();
    unread.config().setOption(ChannelOption.AUTO_READ, true);
    unread.read();
    assertThat(get(slowReader.whole)).isEqualTo(content);
    get(slowReader.inactive);
  }

  @Test
  void streamsThatNobodyTakesAreRefused() throws Exception {
    open(StreamLimits.DEFAULT, null);
    QuantumConnectionChannel client = connect();
    Recorder refused = new Recorder();
    write(ConnectionPair.open(client, refused), "anybody?");
    get(refused.stopped);
    get(refused.inactive);
    assertThat(client.isActive()).isTrue();
  }
}
