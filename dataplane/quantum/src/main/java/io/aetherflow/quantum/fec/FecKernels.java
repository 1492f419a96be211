package io.aetherflow.quantum.fec;

/** Chooses a kernel for this JVM. Stateless. */
public final class FecKernels {
  private static final FecKernel SCALAR = new ScalarKernel();
  private static final FecKernel BEST = choose();

  private FecKernels() {}

  /**
   * The vector kernel if the JVM was started with {@code jdk.incubator.vector}, else the scalar.
   */
  public static FecKernel best() {
    return BEST;
  }

  /** The kernel that runs everywhere. */
  public static FecKernel scalar() {
    return SCALAR;
  }

  private static FecKernel choose() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return SCALAR;
    }
    return new VectorKernel();
  }
}
