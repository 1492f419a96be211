package io.aetherflow.local.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Prints a token for a user, signed with the cluster's own secret. */
@Command(name = "token")
final class TokenCommand implements Callable<Integer> {
  @ParentCommand private Cli cli;

  @Option(names = "--user", required = true, description = "who the bearer is")
  private String user;

  @Option(names = "--cluster", defaultValue = "demo", description = "which cluster")
  private String cluster;

  @Option(names = "--console", description = "may see how the cluster does")
  private boolean console;

  @Option(names = "--hours", defaultValue = "12", description = "how long it is valid")
  private int hours;

  @Override
  public Integer call() throws Exception {
    byte[] key = Tokens.secret(cli.connect(), cluster);
    System.out.println(Tokens.sign(key, user, console, Instant.now(), Duration.ofHours(hours)));
    return 0;
  }
}
