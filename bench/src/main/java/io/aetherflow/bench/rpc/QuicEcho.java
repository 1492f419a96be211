package io.aetherflow.bench.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.quic.QuicSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The smallest RPC on QUIC: each call is a bidirectional stream that carries the request and then
 * the answer, both ended by FIN, without HTTP. No call waits for another's lost packet.
 */
final class QuicEcho implements EchoClient {
  /** That of all streams, and quiche's default. */
  private final QuicChannel connection;

  private QuicEcho(QuicChannel connection) {
    this.connection = connection;
  }

  static int serve(JsonNode config) throws Exception {
    return QuicSettings.serve(
        config,
        new ChannelInitializer<QuicStreamChannel>() {
          @Override
          protected void initChannel(QuicStreamChannel stream) {
            stream.pipeline().addLast(new Answer());
          }
        });
  }

  static QuicEcho connect(JsonNode config) throws Exception {
    return new QuicEcho(QuicSettings.connect(config, new ChannelInboundHandlerAdapter()));
  }

  @Override
  public void call(byte[] request, Completion completion) {
    connection
        .createStream(QuicStreamType.BIDIRECTIONAL, new Call(request, completion))
        .addListener((Future<QuicStreamChannel> created) -> {
          if (!created.isSuccess()) {
            completion.done("no stream: " + created.cause());
          }
        });
  }

  @Override
  public void close() {
    connection.close();
  }

  /** Collects the request and sends it back. */
  private static final class Answer extends ChannelInboundHandlerAdapter {
    private CompositeByteBuf request;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      request = ctx.alloc().compositeBuffer();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      request.addComponent(true, (ByteBuf) message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownReadComplete.INSTANCE && request != null) {
        ByteBuf whole = request;
        request = null;
        ctx.writeAndFlush(whole).addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      if (request != null) {
        request.release();
        request = null;
      }
    }
  }

  /** One call, told once. */
  private static final class Call extends ChannelInboundHandlerAdapter {
    private final byte[] request;
    private Completion completion;
    private ScheduledFuture<?> deadline;
    private int gotBytes;

    Call(byte[] request, Completion completion) {
      this.request = request;
      this.completion = completion;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      deadline =
          ctx.executor().schedule(() -> end(ctx, "deadline"), DEADLINE_SECONDS, TimeUnit.SECONDS);
      ctx.writeAndFlush(Unpooled.wrappedBuffer(request))
          .addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf part = (ByteBuf) message;
      gotBytes += part.readableBytes();
      part.release();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownReadComplete.INSTANCE) {
        end(ctx, gotBytes == request.length ? null : "answer of " + gotBytes + " bytes");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      end(ctx, cause.toString());
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      end(ctx, "the stream ended early");
    }

    private void end(ChannelHandlerContext ctx, String failure) {
      if (completion == null) {
        return;
      }
      Completion told = completion;
      completion = null;
      deadline.cancel(false);
      told.done(failure);
      ctx.close();
    }
  }
}
