package io.aetherflow.bench.child;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Entry point of a child JVM: {@code ROLE-CLASS CONFIG-JSON}. Events leave as one JSON line each,
 * commands ({@code run}, {@code counters}) come as lines; it ends when its input does, so no child
 * outlives its parent.
 */
public final class ChildMain {
  static final String EVENT = "event";
  static final String CPU_NS = "cpuNs";
  static final String NANOS = "nanos";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;
  private final Role role;

  private ChildMain(PrintStream out, Role role) {
    this.out = out;
    this.role = role;
  }

  public static void main(String[] args) throws Exception {
    PrintStream events = System.out;
    System.setOut(System.err);
    try {
      Role role =
          Class.forName(args[0])
              .asSubclass(Role.class)
              .getConstructor(JsonNode.class)
              .newInstance(JSON.readTree(args[1]));
      new ChildMain(events, role).serve();
    } catch (Throwable e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
    Runtime.getRuntime().halt(0);
  }

  private void serve() throws Exception {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    tell("ready", role.start());
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      switch (line) {
        case "run" -> Thread.ofPlatform().name("run").start(this::run);
        case "counters" -> tell("counters", role.counters());
        default -> throw new IllegalArgumentException("unknown command " + line);
      }
    }
    role.close();
  }

  private void run() {
    try {
      role.run(this::tell);
    } catch (Throwable e) {
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private synchronized void tell(String event, Map<String, Object> values) {
    Map<String, Object> line = new LinkedHashMap<>(values);
    line.put(EVENT, event);
    line.put(NANOS, System.nanoTime());
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    line.put(CPU_NS, system.getProcessCpuTime());
    try {
      out.println(JSON.writeValueAsString(line));
      out.flush();
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException("a map of strings and numbers always prints", e);
    }
  }
}
