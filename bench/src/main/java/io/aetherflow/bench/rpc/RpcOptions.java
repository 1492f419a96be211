package io.aetherflow.bench.rpc;

import io.aetherflow.bench.BenchFailure;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How calls are made.
 *
 * @param outstanding calls in flight of a closed loop, 0 for an open loop of {@code rps}
 * @param size bytes of request and answer each
 */
record RpcOptions(double rps, int outstanding, int size, double warmupSeconds, double seconds) {
  /** One message of gRPC's default limit. */
  private static final int SIZE_MAX = 4 << 20;

  RpcOptions {
    if (!(rps > 0) || outstanding < 0 || warmupSeconds < 0 || !(seconds > 0)) {
      throw new BenchFailure(
          "--rps and --seconds must be above 0, --outstanding and --warmup not below.");
    }
    if (size < 1 || size > SIZE_MAX) {
      throw new BenchFailure("--size must be 1 to " + SIZE_MAX + " bytes, not " + size + ".");
    }
  }

  RpcOptions withOutstanding(int calls) {
    return new RpcOptions(rps, calls, size, warmupSeconds, seconds);
  }

  Map<String, Object> params() {
    Map<String, Object> params = new LinkedHashMap<>();
    if (outstanding > 0) {
      params.put("outstanding", outstanding);
    } else {
      params.put("rps", rps == Math.rint(rps) ? (Object) (long) rps : (Object) rps);
    }
    params.put("size", size);
    return params;
  }

  Map<String, Object> config() {
    return Map.of(
        "rps",
        rps,
        "outstanding",
        outstanding,
        "size",
        size,
        "warmupSeconds",
        warmupSeconds,
        "seconds",
        seconds);
  }
}
