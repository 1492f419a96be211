package io.aetherflow.local.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Prints the clusters and their pods as kubectl would. */
@Command(name = "status")
final class StatusCommand implements Callable<Integer> {
  @ParentCommand private Cli cli;

  @Override
  public Integer call() throws Exception {
    ApiClient api = cli.connect();
    TextTable.lines(api.table(ApiClient.CLUSTERS + ApiClient.PLURAL)).forEach(System.out::println);
    System.out.println();
    TextTable.lines(api.table("/api/v1/namespaces/default/pods")).forEach(System.out::println);
    return 0;
  }
}
