package io.aetherflow.bench.statesync;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Puts a statesync program that somebody else has started under load; measures nothing. */
@Command(
    name = "load",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Offers operations to a statesync program that runs already, to train it.")
public final class LoadCommand implements Callable<Integer> {
  private static final int DOCUMENTS = 100;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      paramLabel = "ADDRESS",
      description = "Of the program. Default: 127.0.0.1.")
  private String host;

  @Option(names = "--port", defaultValue = "9091", description = "Default: 9091.")
  private int port;

  @Option(
      names = "--config",
      required = true,
      paramLabel = "DIR",
      description = "With the program's etcd-endpoints.")
  private Path config;

  @Option(names = "--seconds", defaultValue = "30", paramLabel = "S", description = "Default: 30.")
  private int seconds;

  @Option(
      names = "--rate",
      defaultValue = "5000",
      paramLabel = "OPS",
      description = "Operations offered per second. Default: 5000.")
  private int rate;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (seconds < 1 || rate < 1) {
      throw new BenchFailure("--seconds and --rate are at least 1.");
    }
    try (Caller caller =
        new Caller(config, InetSocketAddress.createUnresolved(host, port), DOCUMENTS)) {
      if (!caller.awaitServing(() -> true)) {
        throw new BenchFailure("Nothing serves documents at " + host + ":" + port + ".");
      }
      OpenLoop load = caller.offer("load", rate, seconds);
      if (load.answered() == 0) {
        throw new BenchFailure(host + ":" + port + " stored nothing of the load.");
      }
    }
    return 0;
  }
}
