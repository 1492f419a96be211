package io.aetherflow.local.node;

import io.aetherflow.local.store.Objects;
import io.aetherflow.local.store.Objects.Change;
import io.aetherflow.local.store.Objects.Subscription;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node named {@code local}. {@link #start} takes up every pod bound to it, keeping processes
 * that still run, and returns when their statuses say how they are; {@link #stop} ends all
 * processes and leaves the pods for the next start; {@link #close} leaves the processes running.
 * Thread-safe.
 */
public final class Node implements AutoCloseable {
  public static final String NAME = "local";

  private static final Logger LOG = LoggerFactory.getLogger(Node.class);
  private static final Duration LOG_CHECK = Duration.ofSeconds(30);

  private static final int TAKE_UP_SECONDS = 30;

  /** After a failure that time may mend. */
  static final Duration RETRY = Duration.ofSeconds(2);

  /** Changes come in showers, so names and endpoints are recomputed once for each shower. */
  private static final Duration SETTLE = Duration.ofMillis(20);

  /** Services drain first, then what they need; both fit a stop of 10 s. */
  private static final Duration SERVICES_GRACE = Duration.ofSeconds(4);

  /**
   * Members that all end at once wait in vain for another to lead; what they acknowledged is on the
   * disk, so the end of their patience costs nothing.
   */
  private static final Duration DATA_GRACE = Duration.ofMillis(1_200);

  private final NodeContext context;
  private final Map<String, PodWorker> workers = new HashMap<>();
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final ServiceProxy proxy = new ServiceProxy();
  private boolean networkDue;

  private Node(NodeContext context) {
    this.context = context;
  }

  /**
   * @throws IOException when the state directory cannot be used
   */
  public static Node start(Objects objects, NodeOptions options) throws IOException {
    boolean privileged = isRoot();
    Loop loop = new Loop();
    Path pods = Files.createDirectories(options.stateDirectory().resolve("pods"));
    NodeContext context =
        new NodeContext(
            objects,
            loop,
            options.clock(),
            options.images(),
            new Launcher(options.stateDirectory().resolve("bin"), privileged, options.programs()),
            options.logs(),
            new NodeEvents(objects, options.clock()),
            new PodIps(options.network()),
            pods,
            privileged,
            options.accounts(),
            options.env());
    options.logs().connect(objects);
    Node node = new Node(context);
    NodeObject.register(objects, context.ips().node(), options.clock());
    node.endStrays();
    CompletableFuture<Void> takenUp = new CompletableFuture<>();
    loop.execute(() -> {
      try {
        node.takeUp();
        takenUp.complete(null);
      } catch (RuntimeException e) {
        takenUp.completeExceptionally(e);
      }
    });
    try {
      takenUp.orTimeout(TAKE_UP_SECONDS, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw new IOException("the node cannot take up its pods: " + e.getCause(), e.getCause());
    }
    return node;
  }

  private static boolean isRoot() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
  }

  /** Ends what an earlier life left running for pods that were deleted in between. */
  private void endStrays() throws IOException {
    Set<String> known = new HashSet<>();
    context.objects().list(Pod.class).forEach(pod -> known.add(pod.getMetadata().getUid()));
    try (Stream<Path> directories = Files.list(context.pods())) {
      for (Path directory : directories.toList()) {
        if (!known.contains(directory.getFileName().toString())) {
          try (Stream<Path> containers = Files.list(directory)) {
            containers
                .map(Launcher::record)
                .forEach(record -> PodProcess.adopt(record).ifPresent(PodProcess::kill));
          }
          Trees.delete(directory);
        }
      }
    }
  }

  private void takeUp() {
    // Addresses of all known pods are taken before a new one is given.
    for (Pod pod : context.objects().list(Pod.class)) {
      if (pod.getStatus() != null && pod.getStatus().getPodIP() != null) {
        context.ips().take(pod.getStatus().getPodIP());
      }
    }
    for (Pod pod : context.objects().list(Pod.class)) {
      if (NAME.equals(pod.getSpec().getNodeName())) {
        take(pod);
      }
    }
    watch(Pod.class, this::onPod);
    watch(ConfigMap.class, this::onSource);
    watch(Secret.class, this::onSource);
    watch(PersistentVolumeClaim.class, this::onSource);
    watch(Service.class, change -> networkChanged());
    watch(EndpointSlice.class, change -> networkChanged());
    boundLogs();
  }

  private <T extends HasMetadata> void watch(
      Class<T> type, java.util.function.Consumer<Change<T>> listener) {
    subscriptions.add(
        context
            .objects()
            .watch(type, change -> context.loop().execute(() -> listener.accept(change))));
  }

  private void onPod(Change<Pod> change) {
    Pod pod = change.object();
    if (!NAME.equals(pod.getSpec().getNodeName())) {
      return;
    }
    String uid = pod.getMetadata().getUid();
    PodWorker worker = workers.get(uid);
    networkChanged();
    switch (change.kind()) {
      case DELETED -> {
        if (worker != null) {
          worker.onGone();
        }
      }
      case ADDED, MODIFIED -> {
        if (worker == null) {
          takeIfPresent(pod);
        } else {
          worker.onChange(pod);
        }
      }
    }
  }

  /**
   * @param live the present object: a change that was on its way may be older than the pod's end
   */
  private void take(Pod live) {
    String uid = live.getMetadata().getUid();
    PodWorker worker;
    try {
      worker = new PodWorker(context, live);
    } catch (UncheckedIOException e) {
      // One pod without its files, on a full disk for instance, must not stop the others.
      LOG.error(
          "pod {}/{} waits: {}; trying again in {}",
          live.getMetadata().getNamespace(),
          live.getMetadata().getName(),
          e.getMessage(),
          RETRY);
      context.loop().after(RETRY, () -> takeIfPresent(live));
      return;
    }
    workers.put(uid, worker);
    worker
        .ended()
        .thenRun(() -> {
          if (!worker.isSuspended()) {
            workers.remove(uid);
          }
        });
    worker.start();
  }

  private void takeIfPresent(Pod pod) {
    if (!workers.containsKey(pod.getMetadata().getUid())) {
      context
          .objects()
          .find(Pod.class, pod.getMetadata().getNamespace(), pod.getMetadata().getName())
          .filter(live -> live.getMetadata().getUid().equals(pod.getMetadata().getUid()))
          .ifPresent(this::take);
    }
  }

  private <T extends HasMetadata> void onSource(Change<T> change) {
    String namespace = change.object().getMetadata().getNamespace();
    for (PodWorker worker : List.copyOf(workers.values())) {
      if (worker.namespace().equals(namespace)) {
        worker.onSourceChange();
      }
    }
  }

  private void networkChanged() {
    if (!networkDue) {
      networkDue = true;
      context.loop().after(SETTLE, this::updateNetwork);
    }
  }

  private void updateNetwork() {
    networkDue = false;
    List<Service> services = context.objects().list(Service.class);
    proxy.update(services, context.objects().list(EndpointSlice.class));
    ClusterNames names = new ClusterNames(services, context.objects().list(Pod.class));
    Map<String, String> texts = new HashMap<>();
    for (PodWorker worker : workers.values()) {
      writeHosts(worker, texts.computeIfAbsent(worker.namespace(), names::of));
    }
  }

  /** A hosts file that cannot be written now, on a full disk for instance, is tried again. */
  private void writeHosts(PodWorker worker, String names) {
    try {
      worker.hosts().write(names);
    } catch (UncheckedIOException e) {
      LOG.warn("{}; trying again in {}", e.getMessage(), RETRY);
      context.loop().after(RETRY, this::networkChanged);
    }
  }

  private void boundLogs() {
    workers.values().forEach(PodWorker::boundLogs);
    context.loop().after(LOG_CHECK, this::boundLogs);
  }

  /** Ends every process in order: services drain before the store they use goes. */
  public void stop() {
    suspend(worker -> !worker.holdsData(), SERVICES_GRACE);
    suspend(PodWorker::holdsData, DATA_GRACE);
    NodeObject.unready(context.objects(), context.ips().node(), context.clock());
    close();
  }

  private void suspend(Predicate<PodWorker> which, Duration grace) {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    context
        .loop()
        .execute(() -> {
          List<PodWorker> chosen = workers.values().stream().filter(which).toList();
          CompletableFuture.allOf(
                  chosen.stream().map(PodWorker::ended).toArray(CompletableFuture[]::new))
              .thenRun(() -> ended.complete(null));
          chosen.forEach(worker -> worker.suspend(grace));
        });
    try {
      ended.orTimeout(grace.plusSeconds(1).toMillis(), TimeUnit.MILLISECONDS).join();
    } catch (RuntimeException e) {
      LOG.warn("some pods did not end within {}", grace);
    }
  }

  @Override
  public void close() {
    subscriptions.forEach(Subscription::close);
    proxy.close();
    context.loop().close();
  }
}
