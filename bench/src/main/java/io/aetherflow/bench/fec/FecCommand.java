package io.aetherflow.bench.fec;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.Child;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Report;
import io.aetherflow.bench.report.Row;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Speed of Reed-Solomon (10,3) on 1,200-byte shards, each subject in JVMs of its own, in turn. */
@Command(
    name = "fec",
    mixinStandardHelpOptions = true,
    description = {
      "Encoding, and decoding of three losses, of Reed-Solomon (10,3) with 1,200-byte shards,",
      "in GB of source bytes per second of CPU time: ours, JavaReedSolomon, ISA-L if installed."
    })
public final class FecCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final List<String> OPERATIONS = List.of("encode", "decode");

  @Spec private CommandSpec spec;

  @Option(
      names = "--forks",
      defaultValue = "3",
      description = "JVMs for each subject. Default: ${DEFAULT-VALUE}.")
  private int forks;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds of 200 ms in each JVM. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Mixin private JsonOption json;

  private final Map<Variant, Map<String, List<Double>>> rates = new EnumMap<>(Variant.class);
  private final Map<Variant, Map<String, Object>> params = new EnumMap<>(Variant.class);
  private final Set<Integer> parities = new java.util.HashSet<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (forks < 1 || rounds < 1) {
      throw new BenchFailure("--forks and --rounds must be at least 1.");
    }
    Set<Variant> variants = EnumSet.allOf(Variant.class);
    for (int fork = 0; fork < forks; fork++) {
      for (Variant variant : List.copyOf(variants)) {
        if (!measure(variant)) {
          variants.remove(variant);
          spec.commandLine()
              .getErr()
              .println("bench: ISA-L is not installed (Debian: libisal2) and is left out.");
        }
      }
    }
    Report report = new Report("fec", Environment.describe(Clock.systemUTC()), rows());
    spec.commandLine().getOut().println(report.toWideTable());
    json.write(report);
    return 0;
  }

  private boolean measure(Variant variant) throws InterruptedException {
    Map<String, Object> config = Map.of("variant", variant.name(), "rounds", rounds);
    try (Child child = Child.start(variant.name(), List.of(), FecRole.class, config)) {
      JsonNode ready = child.await("ready", PATIENCE);
      params.computeIfAbsent(variant, absent -> params(ready));
      child.send("run");
      JsonNode measured = child.await("measured", PATIENCE);
      if (!measured.get("installed").asBoolean()) {
        return false;
      }
      parities.add(measured.get("parity").asInt());
      if (!measured.get("intact").asBoolean() || parities.size() > 1) {
        throw new BenchFailure(
            variant + " does not compute what the others compute; its speed means nothing.");
      }
      for (String operation : OPERATIONS) {
        List<Double> all =
            rates
                .computeIfAbsent(variant, absent -> new LinkedHashMap<>())
                .computeIfAbsent(operation, absent -> new ArrayList<>());
        measured.get(operation).forEach(rate -> all.add(rate.asDouble()));
      }
      return true;
    }
  }

  /** The child's kernel counts, for this JVM may lack the vector module. */
  private static Map<String, Object> params(JsonNode ready) {
    Map<String, Object> params = new LinkedHashMap<>();
    for (String name : List.of("path", "kernel")) {
      if (ready.has(name)) {
        params.put(name, ready.get(name).asText());
      }
    }
    return params;
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (Variant variant : rates.keySet()) {
      for (String operation : OPERATIONS) {
        List<Double> sorted = rates.get(variant).get(operation).stream().sorted().toList();
        double median = sorted.get(sorted.size() / 2);
        rows.add(row(variant, operation, "GB/s", median));
        rows.add(row(variant, operation + "-min", "GB/s", sorted.getFirst()));
        rows.add(row(variant, operation + "-max", "GB/s", sorted.getLast()));
        double base = median(Variant.JAVAREEDSOLOMON, operation);
        rows.add(row(variant, operation + "-ratio", "x javareedsolomon", median / base));
      }
    }
    return rows;
  }

  private double median(Variant variant, String operation) {
    List<Double> sorted = rates.get(variant).get(operation).stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  private Row row(Variant variant, String metric, String unit, double value) {
    return new Row(variant.subject(), params.get(variant), metric, unit, value);
  }
}
