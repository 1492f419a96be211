package io.aetherflow.bench.goodput;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.Certificate;
import io.aetherflow.bench.lab.LinkReading;
import io.aetherflow.bench.lab.LinkShape;
import io.aetherflow.bench.lab.Site;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.options.LinkOptions;
import io.aetherflow.bench.options.Repetition;
import io.aetherflow.bench.options.Subject;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Report;
import io.aetherflow.bench.report.Row;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How flows that start together share the bottleneck. */
@Command(
    name = "fairness",
    mixinStandardHelpOptions = true,
    description = "Shares of flows on one bottleneck: Quantum alone, and beside TCP.")
public final class FairnessCommand implements Callable<Integer> {
  private static final double PERCENT = 100;

  private static final Map<String, List<String>> MIXES = new LinkedHashMap<>();

  static {
    MIXES.put("4 quantum", Collections.nCopies(4, "quantum:plain"));
    MIXES.put("quantum and tcp bbr", List.of("quantum:plain", "tcp:bbr"));
    MIXES.put("quantum and tcp cubic", List.of("quantum:plain", "tcp:cubic"));
  }

  @Spec private CommandSpec spec;
  @Mixin private LinkOptions link;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "How long to measure. Default: 60.")
  private double seconds;

  @Option(names = "--warmup", defaultValue = "20", description = "Seconds before. Default: 20.")
  private double warmup;

  @Option(names = "--seeds", defaultValue = "1", description = "Repetitions. Default: 1.")
  private int seeds;

  @Option(
      names = "--mix",
      defaultValue = "",
      paramLabel = "TEXT",
      description = "Only mixes with this in their names, e.g. 'tcp bbr'. Default: all.")
  private String mixPart;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Repetition.check(seeds, seconds, warmup);
    LinkShape shape =
        link.shape()
            .orElseThrow(() ->
                new BenchFailure("Fairness needs a bottleneck: say --rate 100mbit --rtt 50ms."));
    if (shape.rateBitsPerSecond() == 0) {
      throw new BenchFailure("Fairness needs a bottleneck: say --rate, e.g. --rate 100mbit.");
    }
    List<String> names = MIXES.keySet().stream().filter(name -> name.contains(mixPart)).toList();
    if (names.isEmpty()) {
      throw new BenchFailure(
          "No mix has '" + mixPart + "' in its name; there are " + MIXES.keySet());
    }
    List<Row> rows = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (String name : names) {
        spec.commandLine().getErr().println("bench: " + name + ", seed " + seed);
        rows.addAll(measure(name, MIXES.get(name), shape, seed));
      }
    }
    Report report = new Report("fairness", Environment.describe(Clock.systemUTC()), rows);
    spec.commandLine().getOut().println(report.toWideTable());
    json.write(report);
    return 0;
  }

  private List<Row> measure(String mix, List<String> names, LinkShape shape, int seed)
      throws InterruptedException {
    List<Subject> subjects = Subject.select(names, List.of("quantum", "tcp"), false);
    List<Flow> flows = new ArrayList<>();
    try (Site site = Site.lab(shape, seed);
        Certificate certificate = Certificate.make()) {
      subjects.forEach(subject -> site.prepare(subject.congestion()));
      try {
        for (Subject subject : subjects) {
          flows.add(Flow.start(subject, site, certificate, 0));
        }
        LinkReading reading = Bulk.run(flows, warmup, seconds, site);
        return rows(mix, flows, reading, seed);
      } finally {
        flows.forEach(Flow::close);
      }
    }
  }

  private List<Row> rows(String mix, List<Flow> flows, LinkReading reading, int seed) {
    List<Row> rows = new ArrayList<>();
    double total = flows.stream().mapToDouble(Flow::megabitsPerSecond).sum();
    for (int i = 0; i < flows.size(); i++) {
      Flow flow = flows.get(i);
      Map<String, Object> params = new LinkedHashMap<>();
      params.put("mix", mix);
      params.put("flow", i + 1);
      params.putAll(flow.subject().params());
      params.putAll(link.params());
      params.put("seed", seed);
      rows.addAll(Bulk.rows(flow, reading, params));
      double share = PERCENT * flow.megabitsPerSecond() / total;
      rows.add(new Row(flow.subject().name(), params, "share", "%", share));
      rows.add(new Row(flow.subject().name(), params, "jain", "", jain(flows)));
    }
    return rows;
  }

  /** Jain's index: 1 if all get the same, 1/n if one gets all. */
  private static double jain(List<Flow> flows) {
    return jain(flows.stream().mapToDouble(Flow::megabitsPerSecond).toArray());
  }

  static double jain(double... rates) {
    double sum = 0;
    double squares = 0;
    for (double rate : rates) {
      sum += rate;
      squares += rate * rate;
    }
    return sum * sum / (rates.length * squares);
  }
}
