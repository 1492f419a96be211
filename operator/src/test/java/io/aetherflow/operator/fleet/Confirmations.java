package io.aetherflow.operator.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.local.store.Objects;
import io.aetherflow.operator.model.Labels;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Confirms the tuning in the place of hollow pods: each ready pod of a cluster says at once that it
 * runs the newest revision, in one transaction per cluster and revision.
 */
final class Confirmations implements AutoCloseable {
  /** Clusters keep their keys in one etcd under this and their name. */
  static final String PREFIX = "/clusters/";

  private static final Set<String> TUNED =
      Set.of("api-gateway", "session-service", "statesync-service");
  private static final String STARTED = Instant.now().toString();

  private final Client etcd;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final Map<String, Map<String, Pod>> pods = new HashMap<>();
  private final Map<String, Long> revisions = new HashMap<>();
  private final Set<String> pending = new HashSet<>();
  private final Watch.Watcher tunings;
  private final Objects.Subscription subscription;

  Confirmations(String endpoint, Objects objects) {
    etcd = Client.builder().endpoints(endpoint).build();
    tunings =
        etcd.getWatchClient()
            .watch(
                bytes(PREFIX),
                WatchOption.builder().isPrefix(true).build(),
                Watch.listener(response -> response.getEvents().forEach(this::onChange)));
    subscription = objects.watch(Pod.class, this::onPod);
  }

  static String prefix(String cluster) {
    return PREFIX + cluster;
  }

  private void onChange(WatchEvent event) {
    String key = event.getKeyValue().getKey().toString(UTF_8);
    int end = key.indexOf('/', PREFIX.length());
    if (end > 0 && key.startsWith(EtcdKeys.CONFIG, end)) {
      String cluster = key.substring(PREFIX.length(), end);
      thread.execute(() -> {
        revisions.put(cluster, event.getKeyValue().getModRevision());
        confirm(cluster);
      });
    }
  }

  private void onPod(Objects.Change<Pod> change) {
    Map<String, String> labels = change.object().getMetadata().getLabels();
    String cluster = labels.get(Labels.CLUSTER);
    if (cluster == null || !TUNED.contains(labels.get(Labels.COMPONENT)) || thread.isShutdown()) {
      return;
    }
    String name = change.object().getMetadata().getName();
    boolean runs =
        change.kind() != Objects.Change.Kind.DELETED
            && change.object().getStatus() != null
            && change.object().getStatus().getPodIP() != null;
    thread.execute(() -> {
      Map<String, Pod> known = pods.computeIfAbsent(cluster, c -> new HashMap<>());
      if (runs && known.put(name, change.object()) == null) {
        confirm(cluster);
      } else if (change.kind() == Objects.Change.Kind.DELETED && known.remove(name) != null) {
        etcd.getKVClient().delete(key(cluster, change.object()), DeleteOption.DEFAULT);
      }
    });
  }

  /** Behind what waits already, so that the pods of one rollout share a transaction. */
  private void confirm(String cluster) {
    if (pending.add(cluster)) {
      thread.execute(() -> {
        pending.remove(cluster);
        write(cluster);
      });
    }
  }

  private void write(String cluster) {
    long revision = revisions.getOrDefault(cluster, 0L);
    if (revision == 0) {
      return;
    }
    List<Op> puts = new ArrayList<>();
    for (Pod pod : pods.getOrDefault(cluster, Map.of()).values()) {
      AppliedTuning applied =
          new AppliedTuning(revision, STARTED, Map.of(), pod.getMetadata().getUid(), STARTED);
      puts.add(Op.put(key(cluster, pod), bytes(applied.toJson()), PutOption.DEFAULT));
    }
    if (!puts.isEmpty()) {
      // Waits, so that a later revision is never overwritten by an earlier one.
      etcd.getKVClient().txn().Then(puts.toArray(Op[]::new)).commit().join();
    }
  }

  private static ByteSequence key(String cluster, Pod pod) {
    String service = pod.getMetadata().getLabels().get(Labels.COMPONENT);
    return bytes(prefix(cluster) + EtcdKeys.appliedTuning(service, pod.getMetadata().getName()));
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  @Override
  public void close() {
    subscription.close();
    tunings.close();
    thread.shutdown();
    etcd.close();
  }
}
