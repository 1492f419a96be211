package io.aetherflow.bench.goodput;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.quic.QuicSettings;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicStreamType;
import java.util.concurrent.atomic.LongAdder;

/** One stream of Netty's QUIC. */
final class QuicBulk implements BulkTransfer {
  @Override
  public int receive(JsonNode config, LongAdder bytes) throws Exception {
    return QuicSettings.serve(config, new BulkCounter(bytes));
  }

  @Override
  public void send(JsonNode config) throws Exception {
    QuicSettings.connect(config, new ChannelInboundHandlerAdapter())
        .createStream(QuicStreamType.BIDIRECTIONAL, new BulkWriter())
        .sync();
  }
}
