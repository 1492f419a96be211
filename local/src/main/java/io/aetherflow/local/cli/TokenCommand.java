package io.aetherflow.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
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

  @Option(names = "--hours", defaultValue = "12", description = "how long it is valid")
  private int hours;

  @Override
  public Integer call() throws Exception {
    String path = "/api/v1/namespaces/default/secrets/" + cluster + "-jwt-secret";
    JsonNode secret;
    try {
      secret = cli.connect().get(path);
    } catch (ApiClient.RefusedException e) {
      throw new IOException(
          "cluster '" + cluster + "' has no token secret (" + e.getMessage() + ")", e);
    }
    byte[] key = Base64.getDecoder().decode(secret.at("/data/secret").asText());
    System.out.println(Tokens.sign(key, user, Instant.now(), Duration.ofHours(hours)));
    return 0;
  }
}
