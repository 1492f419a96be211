package io.aetherflow.bench.rpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;

/** Unary gRPC calls on one channel. */
final class GrpcEchoClient implements EchoClient {
  private final ManagedChannel channel;

  GrpcEchoClient(ManagedChannel channel) {
    this.channel = channel;
  }

  @Override
  public void call(byte[] request, Completion completion) {
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    ClientCall<byte[], byte[]> call = channel.newCall(EchoMethod.UNARY, options);
    call.start(new Listener(request.length, completion), new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private static final class Listener extends ClientCall.Listener<byte[]> {
    private final int expectedBytes;
    private final Completion completion;
    private int gotBytes = -1;

    Listener(int expectedBytes, Completion completion) {
      this.expectedBytes = expectedBytes;
      this.completion = completion;
    }

    @Override
    public void onMessage(byte[] message) {
      gotBytes = message.length;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!status.isOk()) {
        completion.done(status.toString());
      } else if (gotBytes != expectedBytes) {
        completion.done("answer of " + gotBytes + " bytes");
      } else {
        completion.done(null);
      }
    }
  }
}
