package io.aetherflow.runtime;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.quantum.endpoint.EndpointTrace;
import io.aetherflow.runtime.discovery.Discovery;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.etcd.EtcdSession;
import io.aetherflow.runtime.etcd.EtcdTls;
import io.aetherflow.runtime.health.Health;
import io.aetherflow.runtime.health.HttpEndpoint;
import io.aetherflow.runtime.health.HttpEndpoint.Answer;
import io.aetherflow.runtime.otlp.OtlpTracing;
import io.aetherflow.runtime.qlog.QlogDirectory;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.runtime.transport.Transports;
import io.aetherflow.runtime.tuning.TuningWatch;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A data-plane pod but for what it serves: etcd, discovery, tuning, channels, health, metrics and
 * an orderly end. Built once by a pod's {@code main}; thread-safe.
 */
public final class AetherRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AetherRuntime.class);

  /** A dead or frozen member is noticed and another one dialled within this time. */
  private static final Duration ETCD_KEEP_ALIVE = Duration.ofSeconds(3);

  /**
   * Bounds what one answer takes of the heap. The largest that is asked for is a page of 1,000
   * sessions of up to 10 KiB each, above the 4 MiB that gRPC takes unless told otherwise.
   */
  private static final int ETCD_ANSWER_BYTES_MAX = 16 << 20;

  private static final Duration DEREGISTER_TIMEOUT = Duration.ofSeconds(3);

  private static final JsonMapper JSON = new JsonMapper();

  /** Three steps of this length fit the pod's 30 s with room for the rest. */
  private static final Duration DRAIN_STEP_TIMEOUT = Duration.ofSeconds(7);

  private record DrainStep(String name, Runnable step) {}

  private final PodIdentity pod;
  private final ScheduledExecutorService scheduler;
  private final Client client;
  private final EtcdSession session;
  private final TuningWatch tuning;
  private final Discovery discovery;
  private final Optional<QlogDirectory> qlog;
  private final Transports transports;
  private final PrometheusMeterRegistry meters;
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
  private final Health health = new Health();
  private final Guuid guuids;
  private final Tracing tracing;
  private final HttpEndpoint healthEndpoint;
  private final HttpEndpoint metricsEndpoint;
  private final List<DrainStep> drainSteps = new ArrayList<>();
  private final List<String> registered = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean closing;

  private AetherRuntime(RuntimeOptions options, StartConfig config) throws IOException {
    pod = options.pod();
    SecureRandom random = new SecureRandom();
    scheduler =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("runtime").unstarted(task));
    meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    meters.config().meterFilter(new MetricHelp());
    bindJvm(meters);
    client = connect(config, options.etcdTlsDir());
    session = new EtcdSession(client, options.sessionTtl(), scheduler, System::nanoTime, random);
    tuning = tuning(options, config, random);
    discovery = new Discovery(session, scheduler, random);
    guuids = new Guuid(options.clock(), random);
    tracing = tracing(options);
    qlog = qlog(options);
    transports = transports(options, config, random);
    tuning.onChange(transports::setTuning);
    health.addReadinessCheck("etcd", this::etcdProblem);
    healthEndpoint =
        new HttpEndpoint(pod.listenAddress(), options.healthPort())
            .path("/healthz", () -> new Answer(200, "text/plain", "ok\n"))
            .path("/readyz", this::readiness)
            .start();
    metricsEndpoint =
        new HttpEndpoint(pod.listenAddress(), options.metricsPort())
            .path("/metrics", this::metrics)
            .start();
  }

  private TuningWatch tuning(RuntimeOptions options, StartConfig config, SecureRandom random) {
    TuningWatch watch =
        new TuningWatch(
            pod,
            session,
            config.tuning(),
            () -> options.etcdTlsDir().map(EtcdTls::trustId).orElse(""),
            options.clock(),
            scheduler,
            random);
    watch.onChange(now -> LogLevels.apply(now.logLevel()));
    meters.gauge("aetherflow.tuning.revision", watch, TuningWatch::revision);
    return watch;
  }

  private Tracing tracing(RuntimeOptions options) {
    return options
        .otlp()
        .<Tracing>map(otlp -> new OtlpTracing(otlp, pod, meters))
        .orElse(Tracing.NONE);
  }

  private static Optional<QlogDirectory> qlog(RuntimeOptions options) throws IOException {
    return options.qlogDir().isPresent()
        ? Optional.of(new QlogDirectory(options.qlogDir().get(), options.clock()))
        : Optional.empty();
  }

  private Transports transports(RuntimeOptions options, StartConfig config, SecureRandom random) {
    return new Transports(
        options.transport(),
        config.tuning(),
        pod.listenAddress(),
        discovery,
        meters,
        qlog.<EndpointTrace>map(each -> each).orElse(EndpointTrace.NONE),
        guuids,
        tracing,
        random);
  }

  /**
   * Starts everything but what the pod serves; nothing has to be reachable yet.
   *
   * @throws IOException when the configuration is unusable or a port is taken, in one sentence
   */
  public static AetherRuntime start(RuntimeOptions options) throws IOException {
    JvmSetup.apply();
    return new AetherRuntime(options, StartConfig.read(options.configDir()));
  }

  private static Client connect(StartConfig config, Optional<Path> tlsDir) throws IOException {
    ClientBuilder builder =
        Client.builder()
            .endpoints(config.etcdEndpoints().toArray(URI[]::new))
            .keepaliveTime(ETCD_KEEP_ALIVE)
            .keepaliveTimeout(ETCD_KEEP_ALIVE)
            .maxInboundMessageSize(ETCD_ANSWER_BYTES_MAX)
            .waitForReady(true);
    if (!config.prefix().isEmpty()) {
      builder.namespace(Bytes.of(config.prefix()));
    }
    if (tlsDir.isPresent()) {
      builder.sslContext(EtcdTls.context(tlsDir.get()));
    }
    return builder.build();
  }

  private void bindJvm(MeterRegistry registry) {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    gcMetrics.bindTo(registry);
  }

  public PodIdentity pod() {
    return pod;
  }

  public EtcdSession etcd() {
    return session;
  }

  public TuningWatch tuning() {
    return tuning;
  }

  public Discovery discovery() {
    return discovery;
  }

  public Transports transports() {
    return transports;
  }

  public MeterRegistry meters() {
    return meters;
  }

  public Health health() {
    return health;
  }

  public Guuid guuids() {
    return guuids;
  }

  public Tracing tracing() {
    return tracing;
  }

  public int healthPort() {
    return healthEndpoint.port();
  }

  public int metricsPort() {
    return metricsEndpoint.port();
  }

  /** The one thread on which the runtime's listeners run; never block it. */
  public ScheduledExecutorService scheduler() {
    return scheduler;
  }

  /** Lets others find this pod; call it when the server accepts calls. */
  public synchronized void register(String service, int port) {
    String key = EtcdKeys.instance(service, pod.name());
    registered.add(key);
    session.put(key, pod.ip() + ":" + port);
  }

  /**
   * Adds a step of the orderly end; steps run in this order, after nobody finds the pod anymore.
   */
  public synchronized void onDrain(String name, Runnable step) {
    drainSteps.add(new DrainStep(name, step));
  }

  /** Blocks until SIGTERM has been followed by a complete, orderly end. */
  public void awaitTermination() throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("drain").unstarted(this::close));
    ended.await();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
    }
    LOG.atInfo().addKeyValue("action", "draining").log("draining");
    health.addReadinessCheck("drain", () -> Optional.of("draining"));
    for (String key : registered) {
      session
          .remove(key)
          .orTimeout(DEREGISTER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
          .handle((ok, error) -> null)
          .join();
    }
    drainSteps.forEach(AetherRuntime::run);
    transports.close();
    qlog.ifPresent(QlogDirectory::close);
    discovery.close();
    tuning.close();
    session.close();
    awaitScheduled();
    scheduler.shutdownNow();
    client.close();
    tracing.close();
    gcMetrics.close();
    healthEndpoint.close();
    metricsEndpoint.close();
    LOG.atInfo().addKeyValue("action", "stopped").log("stopped");
    ended.countDown();
  }

  /** What closes on the scheduler must be over before it ends, or watches call into nothing. */
  private void awaitScheduled() {
    CompletableFuture.runAsync(() -> {}, scheduler)
        .orTimeout(DEREGISTER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .handle((ok, error) -> null)
        .join();
  }

  /** A step that hangs or fails is left behind: the rest must still end in order and in time. */
  private static void run(DrainStep step) {
    Thread running =
        Thread.ofVirtual()
            .name("drain-" + step.name())
            .uncaughtExceptionHandler((thread, error) -> drainProblem(step, error))
            .start(step.step());
    try {
      if (!running.join(DRAIN_STEP_TIMEOUT)) {
        drainProblem(step, new TimeoutException("still running after " + DRAIN_STEP_TIMEOUT));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void drainProblem(DrainStep step, Throwable error) {
    LOG.atError()
        .addKeyValue("action", "drain_step_failed")
        .setCause(error)
        .log("drain step {} did not end well; going on", step.name());
  }

  /** A pod that lost etcd keeps serving with what it has; one that never saw it knows nothing. */
  private Optional<String> etcdProblem() {
    return session.everConnected() ? Optional.empty() : Optional.of("etcd has not answered yet");
  }

  private Answer readiness() {
    Map<String, String> problems = health.problems();
    String body = JSON.valueToTree(problems).toString() + "\n";
    return new Answer(problems.isEmpty() ? 200 : 503, "application/json", body);
  }

  private Answer metrics() {
    return new Answer(200, "text/plain; version=0.0.4; charset=utf-8", meters.scrape());
  }
}
