package io.aetherflow.runtime.balance;

import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Picks per call and learns from how the call ends. Thread-safe. */
final class PeakEwmaPicker extends SubchannelPicker {
  private final List<PeakEwmaBalancer.Instance> ready;
  private final LongSupplier nowNs;
  private final RandomGenerator random;

  PeakEwmaPicker(
      List<PeakEwmaBalancer.Instance> ready, LongSupplier nowNs, RandomGenerator random) {
    this.ready = ready;
    this.nowNs = nowNs;
    this.random = random;
  }

  @Override
  public PickResult pickSubchannel(PickSubchannelArgs args) {
    boolean unary = args.getMethodDescriptor().getType() == MethodType.UNARY;
    InTurn turn = args.getCallOptions().getOption(PeakEwmaBalancerProvider.HELD);
    boolean held = turn != null;
    long now = nowNs.getAsLong();
    PeakEwmaBalancer.Instance picked =
        held
            ? turn.pick(ready, each -> each.endpoint.admits(now))
            : PowerOfTwo.pick(ready, each -> each.endpoint, random, now);
    return PickResult.withSubchannel(
        picked.subchannel,
        new ClientStreamTracer.Factory() {
          @Override
          public ClientStreamTracer newClientStreamTracer(
              ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new Call(picked.endpoint, unary, held, nowNs);
          }
        });
  }

  /** Whether the endpoint did its part; what only the request is to blame for does not count. */
  static Endpoint.Outcome outcome(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, INTERNAL -> Endpoint.Outcome.FAILURE;
      case CANCELLED, RESOURCE_EXHAUSTED, UNKNOWN, DATA_LOSS -> Endpoint.Outcome.NEUTRAL;
      case OK,
          INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          ABORTED,
          OUT_OF_RANGE,
          UNIMPLEMENTED ->
          Endpoint.Outcome.SUCCESS;
    };
  }

  private static final class Call extends ClientStreamTracer {
    private final Endpoint endpoint;
    private final boolean unary;
    private final boolean held;
    private final LongSupplier nowNs;
    private final long startedNs;
    private final AtomicBoolean ended = new AtomicBoolean();

    Call(Endpoint endpoint, boolean unary, boolean held, LongSupplier nowNs) {
      this.endpoint = endpoint;
      this.unary = unary;
      this.held = held;
      this.nowNs = nowNs;
      this.startedNs = nowNs.getAsLong();
      if (unary) {
        endpoint.onStart();
      }
    }

    @Override
    public void streamClosed(Status status) {
      if (ended.compareAndSet(false, true)) {
        long now = nowNs.getAsLong();
        Endpoint.Outcome outcome = outcome(status.getCode());
        if (unary) {
          endpoint.onEnd(outcome, measured(status) ? now - startedNs : -1, now);
        } else {
          endpoint.onStreamEnd(outcome, now);
        }
      }
    }

    /** A quick refusal is no quick answer. */
    private boolean measured(Status status) {
      return status.isOk() && !held || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
    }
  }
}
