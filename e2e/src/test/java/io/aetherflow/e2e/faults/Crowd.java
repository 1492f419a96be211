package io.aetherflow.e2e.faults;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.collab.Door;
import io.aetherflow.e2e.collab.Editor;
import io.aetherflow.e2e.collab.Op;
import io.aetherflow.e2e.collab.Timing;
import io.aetherflow.e2e.collab.Tokens;
import io.aetherflow.e2e.faults.HistoryCheck.ClientView;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Many clients, each writing one operation a second whatever became of those before. */
final class Crowd implements AutoCloseable {
  private static final Duration SETTLE_TIMEOUT = Duration.ofSeconds(60);
  private static final long WRITE_EVERY_MILLIS = 1_000;

  private final HttpClient http = HttpClient.newHttpClient();
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
  private final Tokens tokens;
  private final List<Editor> editors = new ArrayList<>();
  private final List<String> documents;
  private volatile List<Door> doors;

  Crowd(Cluster cluster, String prefix, int clients, int documentCount) {
    tokens = Tokens.of(cluster);
    documents = IntStream.range(0, documentCount).mapToObj(i -> prefix + "-" + i).toList();
    refreshDoors(cluster);
    for (int i = 0; i < clients; i++) {
      editors.add(editor("c" + i, documents.get(i % documentCount), i / documentCount));
    }
  }

  private Editor editor(String name, String document, int firstDoor) {
    AtomicInteger next = new AtomicInteger(firstDoor);
    Supplier<Door> rotating =
        () -> {
          List<Door> now = doors;
          return now.get(Math.floorMod(next.getAndIncrement(), now.size()));
        };
    return new Editor(name, rotating, http, tokens.mint(name), document);
  }

  /** As a load balancer follows the pods behind it. */
  void refreshDoors(Cluster cluster) {
    List<Door> now =
        cluster.pods("api-gateway").stream()
            .filter(pod -> pod.getStatus().getPodIP() != null)
            .map(pod -> Door.to(cluster, pod))
            .toList();
    if (!now.isEmpty()) {
      doors = now;
    }
  }

  void awaitAttached() {
    editors.forEach(editor -> editor.awaitAttached(SETTLE_TIMEOUT));
  }

  /** Spread evenly over the second. */
  void write() {
    for (int i = 0; i < editors.size(); i++) {
      Editor editor = editors.get(i);
      clock.scheduleAtFixedRate(
          () -> editor.write(1),
          i * WRITE_EVERY_MILLIS / editors.size(),
          WRITE_EVERY_MILLIS,
          TimeUnit.MILLISECONDS);
    }
  }

  /** Writes no more and waits until everything is acknowledged. */
  void settle() throws InterruptedException {
    clock.shutdown();
    clock.awaitTermination(1, TimeUnit.MINUTES);
    editors.forEach(editor -> editor.awaitAcked(SETTLE_TIMEOUT));
  }

  /** Each document as a fresh client reads it; the others have caught up with it then. */
  Map<String, List<Op>> replay() {
    Map<String, List<Op>> replays = new HashMap<>();
    for (String document : documents) {
      long head =
          editors.stream()
              .filter(editor -> editor.document().equals(document))
              .flatMap(editor -> editor.acked().values().stream())
              .mapToLong(Long::longValue)
              .max()
              .orElse(0);
      try (Editor fresh = editor("replay", document, 0)) {
        fresh.awaitSeq(head, SETTLE_TIMEOUT);
        replays.put(document, fresh.ops());
      }
      editors.stream()
          .filter(editor -> editor.document().equals(document))
          .forEach(editor -> editor.awaitSeq(head, SETTLE_TIMEOUT));
    }
    return replays;
  }

  List<ClientView> views() {
    return editors.stream()
        .map(each -> new ClientView(each.name(), each.document(), each.ops(), each.acked()))
        .toList();
  }

  /** What clients noticed themselves. */
  List<String> violations() {
    return editors.stream()
        .flatMap(each -> each.violations().stream().map(text -> each.name() + ": " + text))
        .toList();
  }

  Map<String, Collection<Timing>> timings() {
    Map<String, Collection<Timing>> timings = new HashMap<>();
    for (Editor editor : editors) {
      timings
          .computeIfAbsent(editor.document(), key -> new ArrayList<>())
          .addAll(editor.timings().values());
    }
    return timings;
  }

  int connections() {
    return editors.stream().mapToInt(Editor::connections).sum();
  }

  @Override
  public void close() {
    clock.shutdownNow();
    List<Thread> closing =
        editors.stream().map(each -> Thread.ofVirtual().start(each::close)).toList();
    for (Thread each : closing) {
      try {
        each.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    http.shutdownNow();
  }
}
