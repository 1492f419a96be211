package io.aetherflow.bench.statesync;

import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.RunDirectory;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Report;
import io.aetherflow.bench.report.Row;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One instance in a process of its own over real etcd members, offered operations at a rate. */
@Command(
    name = "statesync",
    mixinStandardHelpOptions = true,
    description = "Durable operations per second and their latency; etcd's put rate beside.")
public final class StateSyncCommand implements Callable<Integer> {
  private static final int WARMUP_SECONDS = 15;
  private static final int PUTS_OUTSTANDING = 256;
  private static final int PUT_SECONDS = 8;
  private static final double NANOS_PER_MILLI = 1e6;

  /** Times the rate, in the overload. */
  private static final int OVERLOAD = 2;

  /** After which etcd's history is freed at the rate at which it comes. */
  private static final int SETTLE_SECONDS = 35;

  /** Of the same load before and after the overload, to be compared. */
  private static final int COMPARED_SECONDS = 40;

  /** Within which the system has to recover. */
  private static final int RECOVERY_SECONDS = 5;

  private static final long IN_TIME_NS = TimeUnit.MILLISECONDS.toNanos(50);

  enum Part {
    throughput,
    overload
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--part",
      defaultValue = "throughput",
      paramLabel = "PART",
      description = {
        "One of ${COMPLETION-CANDIDATES}. Default: throughput.",
        "Both tell in how many seconds something was refused or p99 was not below 50 ms.",
        "overload offers the rate for 40 s, twice the rate, then the rate for 40 s again. It tells"
            + " after how many seconds all is stored and p99 below 50 ms, and in how many of the"
            + " 40 seconds before and after that is not so."
      })
  private Part part;

  @Option(names = "--members", paramLabel = "N", defaultValue = "3", description = "1 or 3.")
  private int members;

  @Option(names = "--seconds", paramLabel = "S", defaultValue = "60")
  private int seconds;

  @Option(
      names = "--rate",
      paramLabel = "OPS",
      defaultValue = "10200",
      description = "Operations offered per second. Default: 10200.")
  private int rate;

  @Option(names = "--documents", paramLabel = "N", defaultValue = "100")
  private int documents;

  @Option(
      names = "--training",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = {
        "Whether the instance starts with an AOT cache, as in its image, of another instance that was"
            + " under this load for half a minute. Default: it does."
      })
  private boolean training;

  @Mixin private JsonOption json;

  private final List<Row> rows = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (members < 1 || seconds < 1 || rate < 1 || documents < 1) {
      throw new BenchFailure("--members, --seconds, --rate and --documents are at least 1.");
    }
    try (RunDirectory dir = new RunDirectory("bench-statesync")) {
      List<String> flags =
          training ? Training.flags(dir.path(), rate, documents) : List.of("-XX:AOTMode=off");
      try (EtcdMembers etcd = new EtcdMembers(members, dir.path())) {
        putRate(etcd);
        measure(etcd, dir.path(), flags);
      }
    }
    Report report = new Report("statesync", Environment.describe(Clock.systemUTC()), rows);
    spec.commandLine().getOut().println(report.toTable());
    json.write(report);
    return 0;
  }

  private void putRate(EtcdMembers etcd) throws InterruptedException {
    try (Client client = Client.builder().endpoints(etcd.endpoints()).waitForReady(true).build()) {
      ByteSequence value = ByteSequence.from(new byte[OpenLoop.DATA_BYTES]);
      client.getKVClient().put(Bytes.of("/put/0"), value).orTimeout(30, TimeUnit.SECONDS).join();
      AtomicInteger done = new AtomicInteger();
      long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PUT_SECONDS);
      List<CompletableFuture<Void>> chains = new ArrayList<>();
      for (int i = 0; i < PUTS_OUTSTANDING; i++) {
        CompletableFuture<Void> chain = new CompletableFuture<>();
        chains.add(chain);
        put(client, Bytes.of("/put/" + i), value, endNs, done, chain);
      }
      CompletableFuture.allOf(chains.toArray(CompletableFuture[]::new)).join();
      rows.add(
          new Row(
              "etcd",
              Map.of("members", members, "outstanding", PUTS_OUTSTANDING),
              "ops",
              "1/s",
              (double) done.get() / PUT_SECONDS));
    }
  }

  private static void put(
      Client client,
      ByteSequence key,
      ByteSequence value,
      long endNs,
      AtomicInteger done,
      CompletableFuture<Void> chain) {
    client
        .getKVClient()
        .put(key, value)
        .whenComplete((ok, error) -> {
          if (error != null) {
            chain.completeExceptionally(error);
          } else if (System.nanoTime() >= endNs) {
            chain.complete(null);
          } else {
            done.incrementAndGet();
            put(client, key, value, endNs, done, chain);
          }
        });
  }

  private void measure(EtcdMembers etcd, Path dir, List<String> flags)
      throws IOException, InterruptedException {
    try (Served served = new Served(etcd, dir, flags, documents)) {
      served.caller().offer("warm-up", rate, WARMUP_SECONDS);
      switch (part) {
        case throughput -> throughput(etcd, served);
        case overload -> overload(served);
      }
      rows.add(new Row("etcd", Map.of("members", members), "rss-peak", "MB", etcd.peakMegabytes()));
    }
  }

  private void throughput(EtcdMembers etcd, Served served) throws InterruptedException {
    Instance instance = served.instance();
    double etcdBefore = etcd.cpuSeconds();
    double instanceBefore = instance.cpuSeconds();
    OpenLoop load = served.caller().offer("measured", rate, seconds);
    Map<String, Object> params = params("measured", rate);
    report(load, params);
    rows.add(notWell(load, "measured"));
    rows.add(cpu("statesync", params, instance.cpuSeconds() - instanceBefore));
    rows.add(cpu("etcd", params, etcd.cpuSeconds() - etcdBefore));
    check(served, load, "measured");
  }

  private Row cpu(String subject, Map<String, Object> params, double cpuSeconds) {
    return new Row(subject, params, "cpu", "cores", cpuSeconds / seconds);
  }

  private void overload(Served served) throws IOException, InterruptedException {
    Instance instance = served.instance();
    served.caller().offer("settling", rate, SETTLE_SECONDS);
    OpenLoop before = served.caller().offer("before", rate, COMPARED_SECONDS);
    double megabytes = instance.peakMegabytes();
    OpenLoop load = served.caller().offer("overload", OVERLOAD * rate, seconds);
    OpenLoop after = served.caller().offer("after", rate, COMPARED_SECONDS);
    report(before, params("before", rate));
    rows.add(notWell(before, "before"));
    Map<String, Object> params = params("overload", OVERLOAD * rate);
    report(load, params);
    rows.add(new Row("statesync", params, "rss-before", "MB", megabytes));
    rows.add(new Row("statesync", params, "rss-peak", "MB", instance.peakMegabytes()));
    report(after, params("after", rate));
    rows.add(notWell(after, "after"));
    rows.add(
        new Row(
            "statesync",
            params("after", rate),
            "first well",
            "s",
            after.secondsUntilWell(rate, IN_TIME_NS)));
    report(after, RECOVERY_SECONDS * rate, params("after " + RECOVERY_SECONDS + " s", rate));
    check(served, before, "before");
    check(served, load, "overload");
    check(served, after, "after");
  }

  private Row notWell(OpenLoop load, String phase) {
    return new Row(
        "statesync", params(phase, rate), "not well", "s", load.secondsNotWell(rate, IN_TIME_NS));
  }

  private void check(Served served, OpenLoop load, String client) {
    new LogCheck(SyncServiceGrpc.newBlockingStub(served.caller().channel()))
        .check(load, client, documents);
  }

  private Map<String, Object> params(String phase, int offered) {
    return Map.of(
        "phase",
        phase,
        "members",
        members,
        "training",
        training,
        "offered",
        offered,
        "documents",
        documents,
        "bytes",
        OpenLoop.DATA_BYTES);
  }

  private void report(OpenLoop load, Map<String, Object> params) {
    rows.add(new Row("statesync", params, "ops", "1/s", load.perSecond()));
    rows.add(
        new Row(
            "statesync",
            params,
            "unanswered",
            "1",
            load.sent() - load.answered() - load.refused()));
    report(load, 0, params);
  }

  /** Of the operations from one on. */
  private void report(OpenLoop load, int from, Map<String, Object> params) {
    rows.add(new Row("statesync", params, "refused", "1", load.refused(from)));
    long[] sorted = load.sortedLatenciesNs(from, load.sent());
    if (sorted.length > 0) {
      rows.add(latency(params, "p50", sorted[sorted.length / 2]));
      rows.add(latency(params, "p99", sorted[(int) (sorted.length * 0.99)]));
      rows.add(latency(params, "p99.9", sorted[(int) (sorted.length * 0.999)]));
      rows.add(latency(params, "max", sorted[sorted.length - 1]));
    }
  }

  private static Row latency(Map<String, Object> params, String metric, long nanos) {
    return new Row("statesync", params, metric, "ms", nanos / NANOS_PER_MILLI);
  }
}
