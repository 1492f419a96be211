package io.aetherflow.runtime.balance;

import io.grpc.CallOptions;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancerProvider;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** gRPC policy {@value #POLICY}: P2C over peak-EWMA latency, calls under way and failures. */
public final class PeakEwmaBalancerProvider extends LoadBalancerProvider {
  public static final String POLICY = "p2c_peak_ewma";

  /**
   * Of a call that is answered when something happens: its duration tells nothing of the load. The
   * same turn in a call that is made again takes it to another instance.
   */
  public static final CallOptions.Key<InTurn> HELD = CallOptions.Key.create("aetherflow-held");

  private static final int PRIORITY = 5;

  private final LongSupplier nowNs;
  private final RandomGenerator random;

  /** For gRPC's registry, which finds providers by the service loader. */
  public PeakEwmaBalancerProvider() {
    this(System::nanoTime, () -> ThreadLocalRandom.current().nextLong());
  }

  /**
   * @param random thread-safe
   */
  PeakEwmaBalancerProvider(LongSupplier nowNs, RandomGenerator random) {
    this.nowNs = nowNs;
    this.random = random;
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public int getPriority() {
    return PRIORITY;
  }

  @Override
  public String getPolicyName() {
    return POLICY;
  }

  @Override
  public LoadBalancer newLoadBalancer(LoadBalancer.Helper helper) {
    return new PeakEwmaBalancer(helper, nowNs, random);
  }
}
