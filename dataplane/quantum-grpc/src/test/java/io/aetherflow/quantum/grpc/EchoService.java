package io.aetherflow.quantum.grpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** What the contract suite calls. */
final class EchoService {
  static final MethodDescriptor<byte[], byte[]> UNARY =
      BytesMarshaller.method("Unary", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> SPLIT =
      BytesMarshaller.method("Split", MethodType.SERVER_STREAMING);
  static final MethodDescriptor<byte[], byte[]> SUM =
      BytesMarshaller.method("Sum", MethodType.CLIENT_STREAMING);
  static final MethodDescriptor<byte[], byte[]> CHAT =
      BytesMarshaller.method("Chat", MethodType.BIDI_STREAMING);
  static final MethodDescriptor<byte[], byte[]> HANG =
      BytesMarshaller.method("Hang", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> FAIL =
      BytesMarshaller.method("Fail", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> FLOOD =
      BytesMarshaller.method("Flood", MethodType.SERVER_STREAMING);

  static final Metadata.Key<String> TEXT =
      Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);
  static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-data-bin", Metadata.BINARY_BYTE_MARSHALLER);

  final CountDownLatch cancelled = new CountDownLatch(1);
  final CountDownLatch hanging = new CountDownLatch(1);
  final AtomicInteger flooded = new AtomicInteger();

  ServerServiceDefinition definition() {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("test.Echo")
            .addMethod(UNARY, ServerCalls.asyncUnaryCall(this::unary))
            .addMethod(SPLIT, ServerCalls.asyncServerStreamingCall(this::split))
            .addMethod(SUM, ServerCalls.asyncClientStreamingCall(this::sum))
            .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(this::chat))
            .addMethod(HANG, ServerCalls.asyncUnaryCall(this::hang))
            .addMethod(FAIL, ServerCalls.asyncUnaryCall(this::fail))
            .addMethod(FLOOD, ServerCalls.asyncServerStreamingCall(this::flood))
            .build();
    return ServerInterceptors.intercept(service, new MetadataEcho());
  }

  private void unary(byte[] request, StreamObserver<byte[]> answers) {
    answers.onNext(request);
    answers.onCompleted();
  }

  /** One answer per byte of the request, as long as that byte says. */
  private void split(byte[] request, StreamObserver<byte[]> answers) {
    for (byte length : request) {
      answers.onNext(new byte[length]);
    }
    answers.onCompleted();
  }

  private StreamObserver<byte[]> sum(StreamObserver<byte[]> answers) {
    return new StreamObserver<>() {
      private long total;

      @Override
      public void onNext(byte[] value) {
        total += value.length;
      }

      @Override
      public void onError(Throwable cause) {}

      @Override
      public void onCompleted() {
        answers.onNext(ByteBuffer.allocate(8).putLong(total).array());
        answers.onCompleted();
      }
    };
  }

  private StreamObserver<byte[]> chat(StreamObserver<byte[]> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] value) {
        answers.onNext(value);
      }

      @Override
      public void onError(Throwable cause) {
        cancelled.countDown();
      }

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  private void hang(byte[] request, StreamObserver<byte[]> answers) {
    Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
    hanging.countDown();
  }

  private void fail(byte[] request, StreamObserver<byte[]> answers) {
    Metadata trailers = new Metadata();
    trailers.put(TEXT, "why");
    answers.onError(Status.FAILED_PRECONDITION.withDescription("no").asRuntimeException(trailers));
  }

  /** Writes while the transport takes it, and counts. */
  private void flood(byte[] request, StreamObserver<byte[]> answers) {
    ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) answers;
    call.setOnReadyHandler(() -> {
      while (call.isReady() && !call.isCancelled()) {
        call.onNext(new byte[64 * 1024]);
        flooded.incrementAndGet();
      }
    });
    call.setOnCancelHandler(cancelled::countDown);
  }

  /** Answers with the metadata that came. */
  private static final class MetadataEcho implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      var echo =
          new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<Q, A>(call) {
            @Override
            public void sendHeaders(Metadata answer) {
              if (headers.containsKey(TEXT)) {
                answer.put(TEXT, headers.get(TEXT));
              }
              if (headers.containsKey(BINARY)) {
                answer.put(BINARY, headers.get(BINARY));
              }
              super.sendHeaders(answer);
            }
          };
      return next.startCall(echo, headers);
    }
  }
}
