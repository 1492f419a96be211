package io.aetherflow.local.cli;

import java.io.InputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Prints a pod's log. */
@Command(name = "logs")
final class LogsCommand implements Callable<Integer> {
  @ParentCommand private Cli cli;

  @Parameters(paramLabel = "POD")
  private String pod;

  @Option(
      names = {"-n", "--namespace"},
      defaultValue = "default")
  private String namespace;

  @Option(names = {"-f", "--follow"})
  private boolean follow;

  @Override
  public Integer call() throws Exception {
    String path = "/api/v1/namespaces/" + namespace + "/pods/" + pod + "/log?follow=" + follow;
    try (InputStream log = cli.connect().stream(path)) {
      log.transferTo(System.out);
    }
    return 0;
  }
}
