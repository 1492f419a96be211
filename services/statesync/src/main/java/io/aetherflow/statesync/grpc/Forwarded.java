package io.aetherflow.statesync.grpc;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.MetadataUtils;

/** Marks a call that another instance passed on, so that none is passed on twice. */
public final class Forwarded implements ServerInterceptor {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("aetherflow-forwarded", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Boolean> CURRENT = Context.keyWithDefault("forwarded", false);

  /** Whether the present call was passed on. */
  static boolean current() {
    return CURRENT.get();
  }

  static Channel mark(Channel channel) {
    Metadata headers = new Metadata();
    headers.put(HEADER, "1");
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Context context = Context.current().withValue(CURRENT, headers.containsKey(HEADER));
    return Contexts.interceptCall(context, call, headers, next);
  }
}
