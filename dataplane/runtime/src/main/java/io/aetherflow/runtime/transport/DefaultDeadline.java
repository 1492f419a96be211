package io.aetherflow.runtime.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Gives every unary call without a deadline one, so that none waits forever. */
final class DefaultDeadline implements ClientInterceptor {
  private final Duration deadline;

  DefaultDeadline(Duration deadline) {
    this.deadline = deadline;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    boolean unary = method.getType() == MethodDescriptor.MethodType.UNARY;
    return next.newCall(
        method,
        unary && options.getDeadline() == null
            ? options.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS)
            : options);
  }
}
