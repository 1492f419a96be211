package io.aetherflow.bench.tuning;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.options.JsonOption;
import io.aetherflow.bench.report.Environment;
import io.aetherflow.bench.report.Quantiles;
import io.aetherflow.bench.report.Report;
import io.aetherflow.bench.report.Row;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * From a patch of the FEC ratio to {@code TuningApplied=True} at the generation it made, as a watch
 * on the resource sees it: the time until the last pod's confirmation is public.
 */
@Command(
    name = "tuning",
    mixinStandardHelpOptions = true,
    description = "Time from an edit of the resource to its confirmation by every pod.")
public final class TuningCommand implements Callable<Integer> {
  /** Edits whose time is not recorded: connections and code warm up. */
  private static final int WARMUP_EDITS = 3;

  /** A cluster that is not there is reported within seconds. */
  private static final int REQUEST_RETRIES = 2;

  private static final Duration EDIT_TIMEOUT = Duration.ofSeconds(30);

  /** Two ratios no default uses, so that every patch is a change. */
  private static final int[] RATIOS_PERCENT = {31, 47};

  @Spec private CommandSpec spec;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      defaultValue = "${env:KUBECONFIG}",
      description = "Cluster to measure. Default: that of $KUBECONFIG.")
  private Path kubeconfig;

  @Option(names = "--cluster", paramLabel = "NAME", description = "Default: the only one there is.")
  private String cluster;

  @Option(names = "--namespace", paramLabel = "NS", description = "Default: the context's.")
  private String namespace;

  @Option(names = "--edits", paramLabel = "N", defaultValue = "50", description = "Default: 50.")
  private int edits;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException {
    if (edits < 1) {
      throw new BenchFailure("--edits is " + edits + ", but at least 1 is needed.");
    }
    Report report = measure();
    spec.commandLine().getOut().println(report.toTable());
    json.write(report);
    return 0;
  }

  private Report measure() throws IOException {
    try (KubernetesClient client = connect();
        TuningTarget target = TuningTarget.open(client, namespace, cluster)) {
      int pods = target.awaitApplied(EDIT_TIMEOUT);
      Quantiles quantiles = new Quantiles();
      try {
        for (int edit = 0; edit < WARMUP_EDITS + edits; edit++) {
          long tookNs = target.retune(RATIOS_PERCENT[edit % 2], EDIT_TIMEOUT);
          if (edit >= WARMUP_EDITS) {
            quantiles.record(tookNs);
          }
        }
      } finally {
        target.restore();
      }
      List<Row> rows = quantiles.rows("tuning", Map.of("edits", edits, "pods", pods));
      return new Report("tuning", Environment.describe(Clock.systemUTC()), rows);
    } catch (KubernetesClientException e) {
      throw new BenchFailure(
          "The cluster "
              + (e.getCode() > 0 ? "refused: " + e.getMessage() : "does not answer")
              + "; start one with ./aetherflow up, or name another with --kubeconfig FILE.",
          e);
    }
  }

  private KubernetesClient connect() throws IOException {
    if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
      throw new BenchFailure(
          "There is no cluster: "
              + kubeconfig
              + " does not exist; start one with ./aetherflow up, or name another with"
              + " --kubeconfig FILE.");
    }
    Config config =
        kubeconfig == null
            ? Config.autoConfigure(null)
            : Config.fromKubeconfig(Files.readString(kubeconfig));
    config.setRequestRetryBackoffLimit(REQUEST_RETRIES);
    return new KubernetesClientBuilder().withConfig(config).build();
  }
}
