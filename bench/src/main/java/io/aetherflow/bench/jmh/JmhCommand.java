package io.aetherflow.bench.jmh;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.child.Child;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Report;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** JMH on the parts that run for every packet, with its GC profiler. */
@Command(
    name = "jmh",
    mixinStandardHelpOptions = true,
    description = {
      "Time and allocated bytes of the Reed-Solomon kernels per group of (10,3), 1,200-byte shards,",
      "and of a whole connection without sockets per datagram, both ends together."
    })
public final class JmhCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "PATTERN",
      defaultValue = "",
      description = "Part of a benchmark's name, such as fec or packetpath. Default: all.")
  private String pattern;

  @Option(
      names = "--forks",
      defaultValue = "3",
      description = "JVMs for each benchmark. Default: ${DEFAULT-VALUE}.")
  private int forks;

  @Option(
      names = "--iterations",
      defaultValue = "5",
      description =
          "Iterations of 1 s in each JVM, after 3 for warm-up. Default: ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(
      names = "--jvm-arg",
      paramLabel = "ARG",
      description = "One more argument of these JVMs, such as -XX:TieredStopAtLevel=1.")
  private List<String> jvmArgs = List.of();

  @Option(
      names = "--quick",
      description = "One iteration of 100 ms in this JVM: shows that all runs, measures nothing.")
  private boolean quick;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException {
    if (forks < 1 || iterations < 1) {
      throw new BenchFailure("--forks and --iterations must be at least 1.");
    }
    Collection<RunResult> results = run(quick ? quick() : full());
    if (results.isEmpty()) {
      throw new BenchFailure("No benchmark's name contains '" + pattern + "'.");
    }
    Report report = new Report("jmh", Environment.describe(Clock.systemUTC()), JmhRows.of(results));
    spec.commandLine().getOut().println(report.toWideTable());
    json.write(report);
    return 0;
  }

  private Collection<RunResult> run(ChainedOptionsBuilder options) {
    try {
      return new Runner(
              options.build(),
              OutputFormatFactory.createFormatInstance(System.err, VerboseMode.NORMAL))
          .run();
    } catch (RunnerException e) {
      throw new BenchFailure("JMH failed: " + e.getMessage(), e);
    }
  }

  private ChainedOptionsBuilder full() {
    List<String> arguments = new ArrayList<>(Child.JVM_FLAGS);
    arguments.addAll(jvmArgs);
    return common()
        .forks(forks)
        .jvmArgs(arguments.toArray(String[]::new))
        .warmupIterations(3)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.seconds(1));
  }

  private ChainedOptionsBuilder quick() {
    // Nothing is measured, so another run at the same time does no harm.
    System.setProperty("jmh.ignoreLock", "true");
    return common()
        .forks(0)
        .warmupIterations(0)
        .measurementIterations(1)
        .measurementTime(TimeValue.milliseconds(100));
  }

  private ChainedOptionsBuilder common() {
    return new OptionsBuilder()
        .include("(?i)" + pattern)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true);
  }
}
