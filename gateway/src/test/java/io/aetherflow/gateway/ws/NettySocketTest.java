package io.aetherflow.gateway.ws;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.gateway.GatewayMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class NettySocketTest {
  private static final int MESSAGE_BYTES_MAX = 8;
  private static final int QUEUE_BYTES_MAX = 10;

  private final NettySocket socket =
      new NettySocket(
          MESSAGE_BYTES_MAX, QUEUE_BYTES_MAX, new GatewayMetrics(new SimpleMeterRegistry()));
  private final EmbeddedChannel channel = new EmbeddedChannel(socket);
  private final List<String> heard = new ArrayList<>();

  NettySocketTest() {
    socket.start(new Recorder());
  }

  @Test
  void framesOfOneMessageAreJoinedUpToTheLimit() {
    channel.writeInbound(new TextWebSocketFrame(false, 0, "abcd"));
    channel.writeInbound(new PingWebSocketFrame());
    channel.writeInbound(more(true, "efgh"));
    assertThat(heard).containsExactly("abcdefgh");
    assertThat(channel.<WebSocketFrame>readOutbound()).isInstanceOf(PongWebSocketFrame.class);
  }

  @Test
  void aMessageBeyondTheLimitClosesWith1009() {
    channel.writeInbound(new TextWebSocketFrame(false, 0, "abcd"));
    channel.writeInbound(more(false, "efghi"));
    channel.writeInbound(more(true, "j"));
    assertThat(heard).containsExactly("too long");
    assertThat(closeCode()).isEqualTo(1009);
  }

  @Test
  void aFrameBeyondTheDecodersLimitIsToldAsTooLong() {
    channel
        .pipeline()
        .fireExceptionCaught(
            new CorruptedWebSocketFrameException(
                WebSocketCloseStatus.MESSAGE_TOO_BIG, "too long", null));
    channel
        .pipeline()
        .fireExceptionCaught(
            new CorruptedWebSocketFrameException(
                WebSocketCloseStatus.PROTOCOL_ERROR, "no mask", null));
    assertThat(heard).containsExactly("too long");
    assertThat(closeCode()).isEqualTo(1009);
  }

  @Test
  void whatWasDecodedBeforeAPauseWaitsForItsEnd() {
    channel.writeInbound(new TextWebSocketFrame("pause"));
    PingWebSocketFrame ping = new PingWebSocketFrame(Unpooled.buffer().writeByte(1));
    channel.writeInbound(new TextWebSocketFrame("a"), ping, new TextWebSocketFrame("pause"));
    channel.writeInbound(new TextWebSocketFrame("b"));
    assertThat(heard).containsExactly("pause");
    assertThat(channel.config().isAutoRead()).isFalse();
    socket.resumeReading();
    channel.runPendingTasks();
    assertThat(heard).containsExactly("pause", "a", "pause");
    socket.resumeReading();
    channel.runPendingTasks();
    assertThat(heard).containsExactly("pause", "a", "pause", "b");
    assertThat(channel.config().isAutoRead()).isTrue();
    channel.finishAndReleaseAll();
    assertThat(ping.refCnt()).isZero();
  }

  @Test
  void aConnectionLostDuringAPauseGivesItsFramesBack() {
    channel.writeInbound(new TextWebSocketFrame("pause"));
    TextWebSocketFrame waiting = new TextWebSocketFrame("a");
    channel.writeInbound(waiting);
    channel.finishAndReleaseAll();
    assertThat(waiting.refCnt()).isZero();
    assertThat(heard).containsExactly("pause", "gone");
  }

  @Test
  void theQueueOverflowsOnceAndNothingIsSentAfterThat() {
    socket.send("123456");
    assertThat(socket.writable()).isFalse();
    socket.send("7890");
    socket.send("1");
    socket.send("2");
    channel.runPendingTasks();
    assertThat(heard).containsExactly("slow", "writable");
    assertThat(channel.<TextWebSocketFrame>readOutbound().text()).isEqualTo("123456");
    assertThat(channel.<TextWebSocketFrame>readOutbound().text()).isEqualTo("7890");
    assertThat(channel.<WebSocketFrame>readOutbound()).isNull();
  }

  @Test
  void aCloseOfThePeerIsAnsweredAndToldWhetherItWasOnPurpose() {
    channel.writeInbound(new CloseWebSocketFrame(1000, "bye"));
    assertThat(closeCode()).isEqualTo(1000);
    assertThat(channel.isActive()).isFalse();
    assertThat(heard).containsExactly("left");
  }

  @Test
  void aPeerThatDoesNotAnswerACloseIsCutOff() {
    socket.close(CloseCode.DRAIN, "x".repeat(200));
    socket.send("too late");
    channel.runPendingTasks();
    assertThat(closeCode()).isEqualTo(4010);
    assertThat(channel.isActive()).isTrue();
    channel.advanceTimeBy(4, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isActive()).isFalse();
    assertThat(heard).containsExactly("gone");
  }

  @Test
  void aPeerThatDoesNotReadTheAnswerToItsCloseIsCutOff() {
    NettySocket stuck =
        new NettySocket(
            MESSAGE_BYTES_MAX, QUEUE_BYTES_MAX, new GatewayMetrics(new SimpleMeterRegistry()));
    EmbeddedChannel full = new EmbeddedChannel(new HoldsWrites(), stuck);
    stuck.start(new Recorder());
    full.writeInbound(new CloseWebSocketFrame(1000, ""));
    assertThat(full.isActive()).isTrue();
    full.advanceTimeBy(4, TimeUnit.SECONDS);
    full.runScheduledPendingTasks();
    assertThat(full.isActive()).isFalse();
    assertThat(heard).containsExactly("left");
  }

  /** As a socket whose peer reads nothing. */
  private static final class HoldsWrites extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      ReferenceCountUtil.release(message);
    }
  }

  @Test
  void aFrameThatIsNoneClosesWithItsCodeAndEndsNoSession() {
    channel
        .pipeline()
        .fireExceptionCaught(
            new CorruptedWebSocketFrameException(WebSocketCloseStatus.PROTOCOL_ERROR, "bad"));
    assertThat(closeCode()).isEqualTo(1002);
    channel.writeInbound(new CloseWebSocketFrame(1000, ""));
    assertThat(channel.isActive()).isFalse();
    assertThat(heard).containsExactly("gone");
  }

  @Test
  void aReasonIsShortenedToWholeCharactersThatFitAControlFrame() {
    socket.close(CloseCode.DRAIN, "\u00e9".repeat(100));
    channel.runPendingTasks();
    CloseWebSocketFrame close = channel.readOutbound();
    assertThat(close.reasonText()).isEqualTo("\u00e9".repeat(61));
    assertThat(close.content().readableBytes()).isLessThanOrEqualTo(125);
    close.release();
  }

  @Test
  void theEndOfTheServerIsToldToThePeer() {
    channel.close();
    assertThat(closeCode()).isEqualTo(1001);
    assertThat(channel.isActive()).isFalse();
  }

  @Test
  void anAnswerThatComesAfterTheEndOfTheLoopIsDropped() throws Exception {
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    LocalChannel local = new LocalChannel();
    NettySocket other =
        new NettySocket(
            MESSAGE_BYTES_MAX, QUEUE_BYTES_MAX, new GatewayMetrics(new SimpleMeterRegistry()));
    local.pipeline().addLast(other);
    loops.register(local).sync();
    CompletableFuture<Void> ran = new CompletableFuture<>();
    other.thread().execute(() -> ran.complete(null));
    ran.get(10, TimeUnit.SECONDS);
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    other.thread().execute(() -> heard.add("late"));
    assertThat(heard).isEmpty();
  }

  private static ContinuationWebSocketFrame more(boolean last, String text) {
    ByteBuf content = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    return new ContinuationWebSocketFrame(last, 0, content);
  }

  private int closeCode() {
    return channel.<CloseWebSocketFrame>readOutbound().statusCode();
  }

  private final class Recorder implements Inbound {
    @Override
    public void onText(String message) {
      heard.add(message);
      if (message.equals("pause")) {
        socket.pauseReading();
      }
    }

    @Override
    public void onBinary(byte[] message) {
      heard.add("binary");
    }

    @Override
    public void onPong() {
      heard.add("pong");
    }

    @Override
    public void onWritable() {
      heard.add("writable");
    }

    @Override
    public void onTooLong() {
      heard.add("too long");
    }

    @Override
    public void onSlow() {
      heard.add("slow");
    }

    @Override
    public void onClosed(boolean onPurpose) {
      heard.add(onPurpose ? "left" : "gone");
    }
  }
}
