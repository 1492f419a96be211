package io.aetherflow.local.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Entry of the client commands behind {@code ./aetherflow}. */
@Command(
    name = "aetherflow",
    subcommands = {UpCommand.class, StatusCommand.class, TokenCommand.class, LogsCommand.class})
public final class Cli {
  @Option(names = "--state", required = true, description = "state directory of the local cluster")
  Path state;

  Path kubeconfigFile() {
    return state.resolve("kubeconfig");
  }

  /**
   * @throws IOException with a sentence for the user when no cluster has been started here
   */
  ApiClient connect() throws IOException {
    if (!Files.exists(kubeconfigFile())) {
      throw new IOException("no cluster has run here; start one with './aetherflow up'");
    }
    return new ApiClient(Kubeconfig.read(kubeconfigFile()));
  }

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Cli())
            .setExecutionExceptionHandler((e, commandLine, parsed) -> {
              String sentence = e.getMessage() == null ? e.toString() : e.getMessage();
              System.err.println("aetherflow: " + sentence);
              return 1;
            })
            .execute(args));
  }
}
