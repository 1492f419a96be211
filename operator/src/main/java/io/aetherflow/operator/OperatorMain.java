package io.aetherflow.operator;

import io.aetherflow.operator.backup.BackupMain;
import io.aetherflow.operator.reconciler.ClusterReconciler;
import io.aetherflow.operator.reconciler.NodeCapacity;
import io.aetherflow.operator.reconciler.OwnFields;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.RuntimeInfo;
import io.javaoperatorsdk.operator.monitoring.micrometer.MicrometerMetrics;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.Security;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's program. Settings come from the environment, see {@link OperatorSettings}. With
 * the argument {@value BackupMain#COMMAND} the same image is the keeper of etcd's snapshots.
 */
public final class OperatorMain {
  private static final Logger LOG = LoggerFactory.getLogger(OperatorMain.class);

  /**
   * Enough to overlap what they wait for, the answers of the API. More would take the processors
   * from those who read the watches, one thread for each kind, and work on what is outdated.
   */
  private static final int RECONCILE_THREADS = 8;

  /** Leaves the rest of the start as much of the pod's startup probe, which waits 120 s. */
  private static final Duration API_WAIT = Duration.ofSeconds(60);

  private static final Duration API_ASKED_EACH = Duration.ofSeconds(1);
  private static final Duration TERMINATION_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration RETRY_FIRST = Duration.ofMillis(500);
  private static final Duration RETRY_LONGEST = Duration.ofSeconds(30);

  private OperatorMain() {}

  public static void main(String[] args) throws InterruptedException {
    // A pod that comes back has a new address; names must not stick to the old one.
    Security.setProperty("networkaddress.cache.ttl", "2");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
    // The system's resolver follows changes of the hosts file; Vert.x's own reads it once.
    System.setProperty("vertx.disableDnsResolver", "true");
    try {
      if (args.length > 0 && args[0].equals(BackupMain.COMMAND)) {
        BackupMain.run(System.getenv());
      } else {
        run(OperatorSettings.from(System.getenv()));
      }
    } catch (RuntimeException | IOException e) {
      LOG.atError()
          .addKeyValue("action", "start_failed")
          .setCause(e)
          .log("cannot start: {}", e.getMessage());
      System.exit(1);
    }
  }

  private static void run(OperatorSettings settings) throws IOException, InterruptedException {
    PrometheusMeterRegistry registry = registry();
    KubernetesClient client = client();
    ClusterReconciler reconciler =
        new ClusterReconciler(
            client,
            settings.podListen(),
            settings.namespace(),
            Clock.systemUTC(),
            new SecureRandom(),
            registry);
    CountDownLatch stopped = new CountDownLatch(1);
    try (JvmGcMetrics gc = new JvmGcMetrics();
        NodeCapacity nodes = new NodeCapacity(client, registry)) {
      gc.bindTo(registry);
      Election election = new Election(settings);
      Operator operator = operator(settings, client, registry, election);
      register(operator, reconciler, settings);
      RuntimeInfo info = operator.getRuntimeInfo();
      try (HttpEndpoints endpoints =
          new HttpEndpoints(
              settings.listenAddress(),
              // A standby has started too: it keeps its caches while it waits for the lease.
              () -> info.isStarted() && info.allEventSourcesAreHealthy(),
              registry::scrape)) {
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      stop(operator, reconciler, election, client);
                      stopped.countDown();
                    },
                    "stop"));
        awaitApi(client);
        operator.start();
        nodes.start();
        LOG.atInfo().addKeyValue("action", "started").log("operator started");
        stopped.await();
      }
    }
  }

  private static PrometheusMeterRegistry registry() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.config().meterFilter(new OperatorMeters());
    new JvmMemoryMetrics().bindTo(registry);
    return registry;
  }

  /**
   * Tries each request once. Informers, reconciliations and the election try again by themselves,
   * and a leader that is cut off must not be in the middle of one renewal when its lease has run
   * out.
   */
  private static KubernetesClient client() {
    Config config = Config.autoConfigure(null);
    config.setRequestRetryBackoffLimit(0);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(OwnFields.serialization())
        .build();
  }

  /**
   * What fails during the start ends it, be it for an API server that restarts too. That one is
   * there again is told by nothing but an answer.
   */
  private static void awaitApi(KubernetesClient client) throws InterruptedException {
    long beganNs = System.nanoTime();
    while (!answers(client) && System.nanoTime() - beganNs < API_WAIT.toNanos()) {
      Thread.sleep(API_ASKED_EACH);
    }
  }

  private static boolean answers(KubernetesClient client) {
    try {
      client.getKubernetesVersion();
      return true;
    } catch (KubernetesClientException e) {
      // The client's own message says no more than that there was an error.
      Throwable why = e;
      while (why.getCause() != null) {
        why = why.getCause();
      }
      LOG.atWarn()
          .addKeyValue("action", "api_awaited")
          .log("the API at {} does not answer yet: {}", client.getMasterUrl(), why.toString());
      return false;
    }
  }

  private static Operator operator(
      OperatorSettings settings,
      KubernetesClient client,
      PrometheusMeterRegistry registry,
      Election election) {
    return new Operator(overrider -> {
      overrider
          .withKubernetesClient(client)
          .withCloseClientOnStop(false)
          .withMetrics(MicrometerMetrics.withoutPerResourceMetrics(registry))
          // Definitions are cluster-wide; who serves single namespaces may have no right to them.
          .checkingCRDAndValidateLocalModel(settings.watchedNamespaces().isEmpty())
          .withConcurrentReconciliationThreads(RECONCILE_THREADS)
          .withReconciliationTerminationTimeout(TERMINATION_TIMEOUT);
      if (settings.leaderElection()) {
        overrider.withLeaderElectionConfiguration(election.configuration());
      }
    });
  }

  private static void register(
      Operator operator, ClusterReconciler reconciler, OperatorSettings settings) {
    operator.register(
        reconciler,
        overrider -> {
          overrider.withRetry(
              new GenericRetry()
                  .setInitialInterval(RETRY_FIRST)
                  .setMaxInterval(RETRY_LONGEST.toMillis())
                  .withoutMaxAttempts());
          if (settings.watchedNamespaces().isEmpty()) {
            overrider.watchingAllNamespaces();
          } else {
            overrider.settingNamespaces(settings.watchedNamespaces());
          }
        });
  }

  private static void stop(
      Operator operator, ClusterReconciler reconciler, Election election, KubernetesClient client) {
    election.end();
    operator.stop();
    reconciler.close();
    // Last, so that two never write at once.
    election.release(client);
    client.close();
    LOG.atInfo().addKeyValue("action", "stopped").log("operator stopped");
  }
}
