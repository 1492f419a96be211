package io.aetherflow.bench.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.Child;
import io.aetherflow.bench.child.RunDirectory;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Report;
import io.aetherflow.bench.report.Row;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One gateway with real services behind it; the clients are a process of their own. */
@Command(
    name = "gateway",
    mixinStandardHelpOptions = true,
    description = {
      "WebSocket to WebSocket latency, memory of idle sockets, and fan-out of one document.",
      "Latencies count from when an operation was due to its arrival at every socket of its"
          + " document, the writer's own too; nothing is excluded."
    })
public final class GatewayCommand implements Callable<Integer> {
  private static final Duration OPEN_TIMEOUT = Duration.ofMinutes(15);
  private static final Duration END_TIMEOUT = Duration.ofMinutes(2);
  private static final int WARM_SOCKETS = 500;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double BYTES_PER_KILOBYTE = 1_000;

  @Spec private CommandSpec spec;

  enum Part {
    latency,
    idle,
    fanout
  }

  @Option(
      names = "--part",
      split = ",",
      defaultValue = "latency,idle,fanout",
      paramLabel = "PART",
      description = "Of ${COMPLETION-CANDIDATES}. Default: all.")
  private Set<Part> parts;

  @Option(names = "--members", paramLabel = "N", defaultValue = "3", description = "etcd: 1 or 3.")
  private int members;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "Of latency and of fanout. Default: 60.")
  private int seconds;

  @Option(
      names = "--sockets",
      paramLabel = "N",
      defaultValue = "200",
      description = "Of latency. Default: 200.")
  private int sockets;

  @Option(
      names = "--documents",
      paramLabel = "N",
      defaultValue = "50",
      description = "Of latency; the sockets are spread over them. Default: 50.")
  private int documents;

  @Option(
      names = "--rate",
      paramLabel = "OPS",
      defaultValue = "1000",
      description = "Operations per second of latency. Default: 1000.")
  private int rate;

  @Option(
      names = "--idle",
      paramLabel = "N",
      defaultValue = "15000",
      description = "Idle sockets. Default: 15000.")
  private int idle;

  @Option(
      names = "--idle-documents",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Documents that idle sockets are attached to, 0 for none. Default: 1000.")
  private int idleDocuments;

  @Option(
      names = "--idle-seconds",
      paramLabel = "S",
      defaultValue = "300",
      description = "How long they idle before memory is read. Default: 300.")
  private int idleSeconds;

  @Option(
      names = "--fanout",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Sockets on one document. Default: 1000.")
  private int fanout;

  @Option(
      names = "--fanout-rate",
      paramLabel = "OPS",
      defaultValue = "10",
      description = "Operations per second of one writer. Default: 10.")
  private int fanoutRate;

  @Mixin private JsonOption json;

  private final List<Row> rows = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    for (Part part : parts) {
      // Each on a stack of its own: what one leaves behind is not the next one's.
      try (RunDirectory dir = new RunDirectory("bench-gateway");
          Stack stack = new Stack(members, dir.path())) {
        switch (part) {
          case latency -> traffic(stack, part, sockets, documents, sockets, rate);
          case idle -> idle(stack);
          case fanout -> traffic(stack, part, fanout, 1, 1, fanoutRate);
        }
      }
    }
    Report report = new Report("gateway", Environment.describe(Clock.systemUTC()), rows);
    spec.commandLine().getOut().println(report.toTable());
    json.write(report);
    return 0;
  }

  private void check() {
    if (members < 1
        || seconds < 1
        || sockets < 1
        || documents < 1
        || rate < 1
        || idle < 1
        || idleDocuments < 0
        || idleSeconds < 0
        || fanout < 1
        || fanoutRate < 1) {
      throw new BenchFailure("Every number is at least 1, --idle-documents and -seconds 0.");
    }
    if (sockets % documents != 0) {
      throw new BenchFailure("--sockets is a multiple of --documents.");
    }
  }

  private void traffic(Stack stack, Part part, int of, int on, int writers, int perSecond)
      throws InterruptedException {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("part", part);
    params.put("sockets", of);
    params.put("documents", on);
    params.put("offered", perSecond);
    params.put("bytes", TrafficRole.DATA_BYTES);
    Map<String, Object> config = config(stack);
    config.put("run", part);
    config.put("sockets", of);
    config.put("documents", on);
    config.put("writers", writers);
    config.put("rate", perSecond);
    config.put("seconds", seconds);
    try (Child child = Child.start("clients", List.of(), TrafficRole.class, config)) {
      child.await("ready", OPEN_TIMEOUT);
      child.send("run");
      child.await("warm", END_TIMEOUT);
      double cpuBefore = stack.gatewayCpuSeconds();
      JsonNode done = child.await("done", END_TIMEOUT.plusSeconds(seconds));
      double cpu = (stack.gatewayCpuSeconds() - cpuBefore) / seconds;
      double delivered = done.path("delivered").asDouble() / done.path("seconds").asDouble();
      rows.add(new Row("gateway", params, "messages", "1/s", delivered));
      rows.add(row(params, "undelivered", "1", done.path("undelivered").asDouble()));
      rows.add(row(params, "refused", "1", done.path("refused").asDouble()));
      rows.add(row(params, "p50", "ms", done.path("p50Ns").asDouble() / NANOS_PER_MILLI));
      rows.add(row(params, "p99", "ms", done.path("p99Ns").asDouble() / NANOS_PER_MILLI));
      rows.add(row(params, "p99.9", "ms", done.path("p999Ns").asDouble() / NANOS_PER_MILLI));
      rows.add(row(params, "max", "ms", done.path("maxNs").asDouble() / NANOS_PER_MILLI));
      rows.add(row(params, "cpu", "cores", cpu));
    }
  }

  private void idle(Stack stack) throws IOException, InterruptedException {
    warm(stack);
    JvmFigures before = JvmFigures.of(stack.gateway());
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("part", Part.idle);
    params.put("sockets", idle);
    params.put("documents", idleDocuments);
    params.put("seconds", idleSeconds);
    try (Child child = Child.start("clients", List.of(), IdleRole.class, idleConfig(stack, idle))) {
      child.await("ready", OPEN_TIMEOUT);
      TimeUnit.SECONDS.sleep(idleSeconds);
      JvmFigures after = JvmFigures.of(stack.gateway());
      long lost = child.counters().path("lost").asLong();
      rows.add(row(params, "heap", "kB/socket", perSocket(after.heapBytes() - before.heapBytes())));
      rows.add(
          row(
              params,
              "rss",
              "kB/socket",
              perSocket(after.residentBytes() - before.residentBytes())));
      rows.add(row(params, "lost", "1", lost));
    }
  }

  /** Classes, code and pools that any socket needs are there before the first figure. */
  private void warm(Stack stack) throws InterruptedException {
    try (Child child =
        Child.start(
            "first clients",
            List.of(),
            IdleRole.class,
            idleConfig(stack, Math.min(idle, WARM_SOCKETS)))) {
      child.await("ready", OPEN_TIMEOUT);
    }
  }

  private Map<String, Object> idleConfig(Stack stack, int of) {
    Map<String, Object> config = config(stack);
    config.put("sockets", of);
    config.put("documents", idleDocuments);
    return config;
  }

  private double perSocket(long bytes) {
    return bytes / BYTES_PER_KILOBYTE / idle;
  }

  private static Map<String, Object> config(Stack stack) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("host", stack.gatewayHost());
    config.put("port", stack.gatewayPort());
    return config;
  }

  private static Row row(Map<String, Object> params, String metric, String unit, double value) {
    return new Row("gateway", params, metric, unit, value);
  }
}
