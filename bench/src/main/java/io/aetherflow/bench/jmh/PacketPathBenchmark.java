package io.aetherflow.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A connection in steady state; an operation is one datagram, built by one end and taken by the
 * other, its share of timers and of the wire included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PacketPathBenchmark {
  private static final int DATAGRAMS = 1024;

  /** Past start-up, path MTU search and the first growth of rings and pools. */
  private static final int STEADY_DATAGRAMS = 100_000;

  @Param private Scenario scenario;

  private PacketPath path;

  @Setup
  public void reachSteadyState() {
    path = new PacketPath(scenario);
    path.run(STEADY_DATAGRAMS);
  }

  @Benchmark
  @OperationsPerInvocation(DATAGRAMS)
  public long datagram() {
    return path.run(DATAGRAMS);
  }
}
