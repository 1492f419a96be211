package io.aetherflow.bench.goodput;

import io.aetherflow.bench.child.Certificate;
import io.aetherflow.bench.lab.LinkReading;
import io.aetherflow.bench.lab.LinkShape;
import io.aetherflow.bench.lab.Site;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.options.LinkOptions;
import io.aetherflow.bench.options.Repetition;
import io.aetherflow.bench.options.Subject;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Medians;
import io.aetherflow.bench.report.Report;
import io.aetherflow.bench.report.Row;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
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

/** Bulk transfer in one direction over one connection, as the receiver sees it. */
@Command(
    name = "goodput",
    mixinStandardHelpOptions = true,
    description = "Bulk transfer over one connection, counted at the receiver after start-up.")
public final class GoodputCommand implements Callable<Integer> {
  private static final List<String> SUBJECTS = List.of("quantum", "tcp", "quic", "floor");

  private static final List<String> LINK_SUBJECTS =
      List.of("quantum", "tcp", "quic", "kcp", "floor");

  @Spec private CommandSpec spec;
  @Mixin private LinkOptions link;

  @Option(
      names = "--subjects",
      split = ",",
      paramLabel = "NAME",
      description = "What to measure, e.g. quantum,tcp:bbr. Default: all that there are.")
  private List<String> subjects;

  @Option(names = "--seeds", defaultValue = "3", description = "Repetitions. Default: 3.")
  private int seeds;

  @Option(
      names = "--seconds",
      defaultValue = "30",
      description = "How long to measure. Default: 30.")
  private double seconds;

  @Option(names = "--warmup", defaultValue = "5", description = "Seconds before. Default: 5.")
  private double warmup;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Repetition.check(seeds, seconds, warmup);
    Optional<LinkShape> shape = link.shape();
    List<Subject> selected = selected(shape.isEmpty());
    List<Row> rows = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (Subject subject : selected) {
        rows.addAll(measure(subject, shape, seed));
      }
      Collections.rotate(selected, 1);
    }
    Report report = new Report("goodput", Environment.describe(Clock.systemUTC()), rows);
    spec.commandLine().getOut().println(report.toWideTable());
    spec.commandLine().getOut().println(Medians.of(report).toWideTable());
    json.write(report);
    return 0;
  }

  /** Without security: gRPC's own TLS belongs to calls, not to a bare stream. */
  private List<Subject> selected(boolean loopback) {
    List<String> possible = loopback ? SUBJECTS : LINK_SUBJECTS;
    List<Subject> selected =
        new ArrayList<>(Subject.select(subjects == null ? possible : subjects, possible, loopback));
    selected.removeIf(subject -> subject.label().equals("quantum:mtls"));
    return selected;
  }

  private List<Row> measure(Subject subject, Optional<LinkShape> shape, int seed)
      throws InterruptedException {
    Map<String, Object> params = new LinkedHashMap<>(subject.params());
    params.putAll(link.params());
    params.put("seed", seed);
    spec.commandLine().getErr().println("bench: " + subject.label() + ", seed " + seed);
    long rateBits = shape.map(LinkShape::rateBitsPerSecond).orElse(0L);
    try (Site site = shape.isPresent() ? Site.lab(shape.get(), seed) : new Site.Loopback();
        Certificate certificate = Certificate.make()) {
      site.prepare(subject.congestion());
      try (Flow flow = Flow.start(subject, site, certificate, rateBits)) {
        LinkReading reading = Bulk.run(List.of(flow), warmup, seconds, site);
        return Bulk.rows(flow, reading, params);
      }
    }
  }
}
