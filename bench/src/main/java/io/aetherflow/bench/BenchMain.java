package io.aetherflow.bench;

import io.aetherflow.bench.child.Child;
import io.aetherflow.bench.fec.FecCommand;
import io.aetherflow.bench.gateway.GatewayCommand;
import io.aetherflow.bench.goodput.FairnessCommand;
import io.aetherflow.bench.goodput.GoodputCommand;
import io.aetherflow.bench.jmh.JmhCommand;
import io.aetherflow.bench.report.ReportCommand;
import io.aetherflow.bench.rpc.RpcCommand;
import io.aetherflow.bench.statesync.LoadCommand;
import io.aetherflow.bench.statesync.StateSyncCommand;
import io.aetherflow.bench.tuning.TuningCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of {@code ./aetherflow bench NAME}. Exit codes: 0 measured, 1 failed, 2 usage. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {
      FecCommand.class,
      RpcCommand.class,
      GoodputCommand.class,
      FairnessCommand.class,
      StateSyncCommand.class,
      LoadCommand.class,
      GatewayCommand.class,
      TuningCommand.class,
      JmhCommand.class,
      ReportCommand.class
    },
    description = "Measures AetherFlow; every subcommand prints a table and takes --json FILE.")
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] args) {
    // The runtime beside it has a logback.xml of its own, made for pods.
    System.setProperty("logback.configurationFile", Child.LOGGING);
    System.exit(run(args));
  }

  static int run(String... args) {
    return new CommandLine(new BenchMain())
        .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
          commandLine.getErr().println("bench: " + sentence(failure));
          return CommandLine.ExitCode.SOFTWARE;
        })
        .execute(args);
  }

  private static String sentence(Exception failure) {
    return failure instanceof BenchFailure ? failure.getMessage() : failure.toString();
  }
}
