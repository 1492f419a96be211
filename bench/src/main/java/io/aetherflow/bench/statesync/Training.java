package io.aetherflow.bench.statesync;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes what an instance's image carries: the AOT cache of an instance that was under load (JEP 483
 * for its classes, 515 for what the compilers learned). An image is trained with the serial
 * collector at half the rate; here it is the load that is measured then, in another process.
 */
final class Training {
  /** The compilers have little left to do after that. */
  private static final int SECONDS = 30;

  private Training() {}

  /**
   * @param dir for data and logs; the caller deletes it
   * @return what the JVM of an instance needs to start from the cache
   */
  static List<String> flags(Path dir, int rate, int documents)
      throws IOException, InterruptedException {
    Path cache = dir.resolve("app.aot");
    Path data = Files.createDirectory(dir.resolve("training"));
    try (EtcdMembers etcd = new EtcdMembers(1, data);
        Served served = new Served(etcd, data, List.of("-XX:AOTCacheOutput=" + cache), documents)) {
      served.caller().offer("training", rate, SECONDS);
      served.instance().end();
      if (!Files.exists(cache)) {
        throw new BenchFailure(
            "The training left no cache; run with --no-training. The instance said: "
                + served.instance().log());
      }
    }
    return List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on");
  }
}
