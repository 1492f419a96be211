package io.aetherflow.quantum.fec;

import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/** Chooses a kernel for this JVM. Stateless. */
public final class FecKernels {
  /** JVM arguments, also of JAVA_TOOL_OPTIONS, that keep HotSpot from its highest tier. */
  private static final Pattern NO_C2 = Pattern.compile("-Xint|-XX:TieredStopAtLevel=[0-3]");

  private static final FecKernel SCALAR = new ScalarKernel();
  private static final FecKernel BEST = choose();

  private FecKernels() {}

  /**
   * The vector kernel if the JVM was started with {@code jdk.incubator.vector} and compiles with
   * C2, else the scalar one: without C2 vectors are objects, and a sum takes a hundred times as
   * long.
   */
  public static FecKernel best() {
    return BEST;
  }

  /**
   * A kernel that becomes {@link #best} when that pays; see {@link GradualKernel}.
   *
   * @param background runs one task of a second or so, not on the caller's thread
   */
  public static FecKernel gradual(Consumer<Runnable> background, LongSupplier nowNs) {
    return BEST == SCALAR
        ? SCALAR
        : new GradualKernel(SCALAR, BEST, GradualKernel.BUSY_BYTES, background, nowNs);
  }

  /** The kernel that runs everywhere. */
  public static FecKernel scalar() {
    return SCALAR;
  }

  /** Why it is that one, for people. */
  public static String reason() {
    if (!hasVectors()) {
      return "the JVM was started without --add-modules=jdk.incubator.vector";
    }
    return compilesWithC2() ? "vectors are compiled" : "the JVM does not compile with C2";
  }

  private static FecKernel choose() {
    return hasVectors() && compilesWithC2() ? new VectorKernel() : SCALAR;
  }

  private static boolean hasVectors() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  private static boolean compilesWithC2() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .noneMatch(NO_C2.asMatchPredicate());
  }
}
