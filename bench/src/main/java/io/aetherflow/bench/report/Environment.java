package io.aetherflow.bench.report;

import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a reader needs to judge the numbers: the machine, the JVM and the time. */
public final class Environment {
  private Environment() {}

  public static Map<String, Object> describe(Clock clock) {
    Map<String, Object> env = new LinkedHashMap<>();
    env.put("time", clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    env.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    env.put("arch", System.getProperty("os.arch"));
    env.put("cpus", Runtime.getRuntime().availableProcessors());
    env.put("jdk", Runtime.version().toString());
    return env;
  }
}
