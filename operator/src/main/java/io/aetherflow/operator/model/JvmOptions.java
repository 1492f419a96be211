package io.aetherflow.operator.model;

import io.aetherflow.crds.Profile;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.math.BigDecimal;

/** Heap size and collector of a pod's JVM, from its memory limit. */
final class JvmOptions {
  private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1 << 20);
  private static final int FALLBACK_LIMIT_MEBIBYTES = 512;

  /** The rest is for metaspace, code cache, threads and Netty's direct buffers. */
  private static final int HEAP_PERCENT = 50;

  private static final int HEAP_MEBIBYTES_MIN = 64;

  private JvmOptions() {}

  static String of(ResourceRequirements resources, Profile profile) {
    Quantity limit = resources.getLimits() == null ? null : resources.getLimits().get("memory");
    int limitMebibytes =
        limit == null
            ? FALLBACK_LIMIT_MEBIBYTES
            : limit.getNumericalAmount().divideToIntegralValue(MEBIBYTE).intValue();
    int heap = Math.max(HEAP_MEBIBYTES_MIN, limitMebibytes * HEAP_PERCENT / 100);
    String common = "-Xmx" + heap + "m -Xss512k -XX:-UsePerfData";
    return switch (profile) {
      // What outlives two young collections is a connection's or a document's state: copied fifteen
      // times, the default, it makes each pause several times as long.
      case PRODUCTION ->
          common + " -XX:+UseG1GC -XX:MaxTenuringThreshold=2 -XX:+ExitOnOutOfMemoryError";
      // One compiler tier starts soonest and keeps the code cache small.
      case DEVELOPMENT ->
          common + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError";
    };
  }
}
