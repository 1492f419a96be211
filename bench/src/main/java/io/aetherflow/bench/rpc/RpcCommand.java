package io.aetherflow.bench.rpc;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Latency of unary calls: an open loop over an emulated link, closed loops over loopback. */
@Command(
    name = "rpc",
    mixinStandardHelpOptions = true,
    description = {
      "Latency of unary calls, from when each was due to its answer; a failed call counts as",
      "infinite. With a link an open loop with Poisson arrivals, over loopback closed loops."
    })
public final class RpcCommand implements Callable<Integer> {
  private static final List<String> SUBJECTS = List.of("quantum", "tcp", "quic");
  private static final int[] LOOPBACK_OUTSTANDING = {1, 64};

  @Spec private CommandSpec spec;
  @Mixin private LinkOptions link;

  @Option(
      names = "--subjects",
      split = ",",
      defaultValue = "quantum,tcp,quic",
      paramLabel = "NAME",
      description = "What to measure, e.g. quantum,tcp:bbr. Default: ${DEFAULT-VALUE}.")
  private List<String> subjects;

  @Option(names = "--rps", defaultValue = "200", description = "Calls per second. Default: 200.")
  private double rps;

  @Option(names = "--size", defaultValue = "1000", description = "Bytes each way. Default: 1000.")
  private int size;

  @Option(names = "--seeds", defaultValue = "1", description = "Repetitions. Default: 1.")
  private int seeds;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "How long to measure. Default: 60.")
  private double seconds;

  @Option(names = "--warmup", defaultValue = "10", description = "Seconds before. Default: 10.")
  private double warmup;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      description = "A closed loop with so many calls in flight. Default over loopback: 1 and 64.")
  private Integer outstanding;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Repetition.check(seeds, seconds, warmup);
    Optional<LinkShape> shape = link.shape();
    List<Subject> selected = Subject.select(subjects, SUBJECTS, shape.isEmpty());
    List<Row> rows = new ArrayList<>();
    for (RpcOptions options : loops(shape.isEmpty())) {
      for (int seed = 1; seed <= seeds; seed++) {
        for (Subject subject : selected) {
          rows.addAll(measure(subject, options, shape, seed));
        }
      }
    }
    Report report = new Report("rpc", Environment.describe(Clock.systemUTC()), rows);
    spec.commandLine().getOut().println(report.toWideTable());
    json.write(report);
    return 0;
  }

  private List<RpcOptions> loops(boolean loopback) {
    RpcOptions open = new RpcOptions(rps, 0, size, warmup, seconds);
    if (outstanding != null) {
      return List.of(open.withOutstanding(outstanding));
    }
    if (!loopback) {
      return List.of(open);
    }
    List<RpcOptions> closed = new ArrayList<>();
    for (int calls : LOOPBACK_OUTSTANDING) {
      closed.add(open.withOutstanding(calls));
    }
    return closed;
  }

  private List<Row> measure(
      Subject subject, RpcOptions options, Optional<LinkShape> shape, int seed)
      throws InterruptedException {
    Map<String, Object> params = new LinkedHashMap<>(link.params());
    params.putAll(options.params());
    params.put("seed", seed);
    spec.commandLine()
        .getErr()
        .println("bench: " + subject.label() + " " + options.params() + ", seed " + seed);
    try (Site site = shape.isPresent() ? Site.lab(shape.get(), seed) : new Site.Loopback()) {
      return new RpcRun(subject, options, site, seed).measure(params);
    }
  }
}
