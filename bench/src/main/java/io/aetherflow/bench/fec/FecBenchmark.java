package io.aetherflow.bench.fec;

import io.aetherflow.quantum.fec.FecKernel;
import io.aetherflow.quantum.fec.FecKernels;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A group of (10,3) with 1,200-byte shards; an operation is the whole group. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FecBenchmark {
  /** Source bytes of an operation. */
  public static final int BYTES = Shards.SOURCES * Shards.BYTES;

  /** The kernel that this JVM prefers, or the one that runs everywhere. */
  public enum Kernel {
    BEST(FecKernels.best()),
    SCALAR(FecKernels.scalar());

    private final FecKernel kernel;

    Kernel(FecKernel kernel) {
      this.kernel = kernel;
    }
  }

  @Param private Kernel kernel;

  private QuantumCoder batch;
  private IncrementalCoder incremental;

  @Setup
  public void fillShards() {
    batch = new QuantumCoder(kernel.kernel);
    batch.encode();
    incremental = new IncrementalCoder(kernel.kernel);
  }

  @Benchmark
  public Object encodeBatch() {
    batch.encode();
    return batch;
  }

  @Benchmark
  public Object encodeIncremental() {
    incremental.encode();
    return incremental;
  }

  @Benchmark
  public Object decodeThreeLosses() {
    batch.decode();
    return batch;
  }
}
