package io.aetherflow.local.node;

import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod on the node, from its binding to its end. Belongs to the loop.
 *
 * <p>Life: volumes are prepared as soon as what they need exists; then containers start; the status
 * follows every change; a deletion ends the containers, and when the last has ended the object is
 * removed from the API.
 */
final class PodWorker implements ContainerWorker.Pod {
  /** How much of a log the kubelet takes for a termination message. */
  private static final int MESSAGE_BYTES_MAX = 2048;

  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
  private static final int CONFLICT_TRIES = 5;

  private final NodeContext node;
  private final Path directory;
  private final String ip;
  private final Instant startedAt;
  private final PodHosts hosts;
  private final List<ContainerWorker> containers = new ArrayList<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private Pod pod;
  private boolean prepared;
  private boolean statusDue;
  private boolean stopping;
  private boolean suspended;

  PodWorker(NodeContext node, Pod pod) {
    this.node = node;
    this.pod = pod;
    this.directory = node.pods().resolve(pod.getMetadata().getUid());
    PodStatus known = pod.getStatus();
    String before = known == null ? null : known.getPodIP();
    this.ip = before == null || before.isEmpty() ? node.ips().allocate() : before;
    node.ips().take(ip);
    this.startedAt =
        known == null || known.getStartTime() == null
            ? node.clock().instant()
            : Instant.parse(known.getStartTime());
    this.hosts = new PodHosts(directory.resolve("net"), ip, hostname());
    for (Container container : pod.getSpec().getContainers()) {
      containers.add(new ContainerWorker(node.loop(), node.clock(), container, this));
    }
  }

  /** Takes up the pod; processes that an earlier life of the node left running are kept. */
  void start() {
    for (ContainerWorker container : containers) {
      Remembered.restore(
          container, pod.getStatus(), Launcher.record(directoryOf(container.container())));
    }
    prepared = containers.stream().anyMatch(ContainerWorker::running);
    writeStatus();
    sync();
  }

  /** The object changed. */
  void onChange(Pod now) {
    pod = now;
    sync();
  }

  /** Something that volumes or variables may come from changed. */
  void onSourceChange() {
    if (!stopping) {
      if (prepared) {
        prepare();
      }
      sync();
    }
  }

  /** The object is gone without waiting for the node. */
  void onGone() {
    stop(Duration.ZERO);
  }

  private void sync() {
    if (suspended) {
      return;
    }
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
      stop(Duration.ofSeconds(grace == null ? 0 : grace));
      return;
    }
    prepared = prepared || prepare();
    if (prepared) {
      containers.forEach(ContainerWorker::start);
    }
  }

  private boolean prepare() {
    try {
      volumes().prepare();
      return true;
    } catch (ConfigProblem | IOException e) {
      containers.forEach(each -> {
        if (!each.running()) {
          each.waitFor(ContainerWorker.CREATING, e.getMessage(), "FailedMount");
        }
      });
      changed();
      return false;
    }
  }

  private Volumes volumes() {
    String account = pod.getSpec().getServiceAccountName();
    return new Volumes(
        node.objects(),
        pod,
        directory.resolve("volumes"),
        node.accounts().apply(namespace(), account == null ? "default" : account),
        Owner.of(node.privileged(), pod.getSpec(), null));
  }

  @Override
  public String ip() {
    return ip;
  }

  @Override
  public PodProcess launch(Container container) throws ConfigProblem, IOException, UnknownImage {
    Images.Lookup image = node.images().find(container.getImage());
    if (image instanceof Images.Unknown unknown) {
      throw new UnknownImage(unknown.reason());
    }
    Map<String, String> env = new HashMap<>(node.env());
    env.putAll(new ContainerEnv(node.objects(), pod, ip, node.ips().node()).of(container));
    List<Mount> mounts = new ArrayList<>(volumes().mounts(container));
    mounts.addFirst(new Mount(true, hosts.directory(), PodHosts.TARGET));
    var security = container.getSecurityContext();
    return node.launcher()
        .start(
            new Launcher.Launch(
                directoryOf(container),
                hostname(),
                Owner.of(node.privileged(), pod.getSpec(), container),
                container.getWorkingDir() == null ? "/" : container.getWorkingDir(),
                security != null && Boolean.TRUE.equals(security.getReadOnlyRootFilesystem()),
                mounts,
                env,
                command(container, ((Images.Program) image).entrypoint(), env),
                node.logs().of(pod, container.getName())));
  }

  private static List<String> command(
      Container container, List<String> entrypoint, Map<String, String> env) {
    List<String> words = new ArrayList<>();
    boolean own = container.getCommand() != null && !container.getCommand().isEmpty();
    words.addAll(own ? container.getCommand() : entrypoint);
    if (container.getArgs() != null) {
      words.addAll(container.getArgs());
    }
    return words.stream().map(word -> Expansion.expand(word, env)).toList();
  }

  @Override
  public String lastWords(Container container, int exitCode) {
    if (exitCode == 0 || !"FallbackToLogsOnError".equals(container.getTerminationMessagePolicy())) {
      return "";
    }
    try {
      return LogFiles.tail(node.logs().of(pod, container.getName()), MESSAGE_BYTES_MAX);
    } catch (IOException e) {
      LOG.warn("last words of {}/{}: {}", namespace(), name(), e.getMessage());
      return "";
    }
  }

  @Override
  public boolean restarts(int exitCode) {
    return switch (pod.getSpec().getRestartPolicy() == null
        ? "Always"
        : pod.getSpec().getRestartPolicy()) {
      case "Never" -> false;
      case "OnFailure" -> exitCode != 0;
      default -> true;
    };
  }

  @Override
  public void changed() {
    if (!statusDue) {
      statusDue = true;
      node.loop()
          .execute(() -> {
            statusDue = false;
            afterChange();
          });
    }
  }

  private void afterChange() {
    boolean over = containers.stream().noneMatch(ContainerWorker::running);
    if (!stopping) {
      writeStatus();
    } else if (over) {
      finish();
    }
  }

  /** Ends the pod; {@link #ended} tells when. */
  private void stop(Duration grace) {
    if (!stopping) {
      stopping = true;
      event("Normal", "Killing", "Stopping the pod's containers");
    }
    containers.forEach(each -> each.stop(grace));
    changed();
  }

  /** Ends the processes but not the pod, which starts again with the node. */
  void suspend(Duration grace) {
    stopping = true;
    suspended = pod.getMetadata().getDeletionTimestamp() == null;
    containers.forEach(each -> each.suspend(grace));
    changed();
  }

  /** Whether it only waits for the node's next life. */
  boolean isSuspended() {
    return suspended;
  }

  CompletableFuture<Void> ended() {
    return ended;
  }

  private void finish() {
    if (ended.isDone()) {
      return;
    }
    if (suspended) {
      writeStatus();
      ended.complete(null);
      return;
    }
    Optional<Pod> live = node.objects().find(Pod.class, namespace(), name());
    boolean same = live.filter(found -> found.getMetadata().getUid().equals(uid())).isPresent();
    if (same) {
      try {
        node.objects().delete(Pod.class, namespace(), name(), 0);
      } catch (ApiException e) {
        LOG.warn("cannot remove {}/{}: {}; trying again", namespace(), name(), e.getMessage());
        node.loop().after(Node.RETRY, this::finish);
        return;
      }
    }
    node.ips().release(ip);
    try {
      Trees.delete(directory);
      // A pod of the same name that has come meanwhile writes to these files already.
      if (same || live.isEmpty()) {
        node.logs().delete(pod);
      }
    } catch (IOException e) {
      LOG.warn("left-over files of pod {}/{}: {}", namespace(), name(), e.getMessage());
    }
    ended.complete(null);
  }

  private void writeStatus() {
    for (int tries = 0; tries < CONFLICT_TRIES; tries++) {
      Pod live = node.objects().find(Pod.class, namespace(), name()).orElse(null);
      if (live == null || !live.getMetadata().getUid().equals(uid())) {
        return;
      }
      PodStatus status =
          PodStatusModel.of(
              live.getStatus(),
              node.ips().node(),
              ip,
              startedAt,
              prepared,
              containers,
              node.clock().instant());
      if (status.equals(live.getStatus())) {
        return;
      }
      live.setStatus(status);
      try {
        node.objects().replaceStatus(live);
        return;
      } catch (ApiException e) {
        if (e.code() != 409) {
          LOG.warn("cannot write the status of {}/{}: {}", namespace(), name(), e.getMessage());
          node.loop().after(Node.RETRY, this::changed);
          return;
        }
      }
    }
  }

  @Override
  public void event(String type, String reason, String message) {
    node.events().emit(pod, type, reason, message);
  }

  PodHosts hosts() {
    return hosts;
  }

  /** Keeps the logs from growing without bound. */
  void boundLogs() {
    for (ContainerWorker each : containers) {
      try {
        LogFiles.bound(node.logs().of(pod, each.container().getName()));
      } catch (IOException e) {
        LOG.warn("cannot cut a log of {}/{}: {}", namespace(), name(), e.getMessage());
      }
    }
  }

  /** Members of a StatefulSet hold what others need, and end after them. */
  boolean holdsData() {
    return pod.getMetadata().getOwnerReferences().stream()
        .anyMatch(owner -> owner.getKind().equals("StatefulSet"));
  }

  Pod pod() {
    return pod;
  }

  String namespace() {
    return pod.getMetadata().getNamespace();
  }

  private String name() {
    return pod.getMetadata().getName();
  }

  private String uid() {
    return pod.getMetadata().getUid();
  }

  private String hostname() {
    String given = pod.getSpec().getHostname();
    return given == null || given.isEmpty() ? name() : given;
  }

  private Path directoryOf(Container container) {
    return directory.resolve(container.getName());
  }
}
