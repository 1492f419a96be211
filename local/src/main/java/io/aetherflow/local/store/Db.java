package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Objects by resource and name, with one revision counter, a bounded history and watches. Stored
 * trees are never changed after {@link #put}; callers must not change what they get. Methods may be
 * called from any thread; compound reads and writes synchronize on the instance.
 */
public final class Db implements AutoCloseable {
  /**
   * Changes kept for watches that resume; older revisions answer 410 and the client relists. A pod
   * with its managed fields is a tree of some 25 kB, and each change keeps one: four times as many
   * would fill the heap.
   */
  static final int HISTORY_MAX = 1024;

  /** Against clients that fill the memory of this process. */
  static final int OBJECTS_MAX = 50_000;

  private final Map<String, TreeMap<String, ObjectNode>> objects = new HashMap<>();
  private final Deque<StoreEvent> history = new ArrayDeque<>();
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private final ExecutorService eventThread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("store-events").factory());
  private final Journal journal;
  private long revision = 1;
  private long forgotten;
  private int count;

  private record Watcher(String resource, long after, Consumer<StoreEvent> listener) {}

  /** A consistent list and the revision to watch from. */
  public record Listing(List<ObjectNode> items, long revision) {}

  public Db(Path directory) throws IOException {
    journal = Journal.open(directory, this::replay);
    forgotten = revision;
  }

  private void replay(String resource, JsonNode line) {
    TreeMap<String, ObjectNode> all = table(resource);
    if (line.has("gone")) {
      count -= all.remove(line.get("gone").asText()) == null ? 0 : 1;
      revision = Math.max(revision, line.path("revision").asLong());
    } else {
      ObjectNode object = (ObjectNode) line.get("object");
      count += all.put(key(object), object) == null ? 1 : 0;
      revision = Math.max(revision, Json.at(object, "metadata", "resourceVersion").asLong());
    }
  }

  private TreeMap<String, ObjectNode> table(String resource) {
    return objects.computeIfAbsent(resource, name -> new TreeMap<>());
  }

  static String key(ObjectNode object) {
    return key(Json.text(object, "metadata", "namespace"), Json.text(object, "metadata", "name"));
  }

  static String key(String namespace, String name) {
    return (namespace == null ? "" : namespace) + "/" + name;
  }

  public synchronized ObjectNode get(String resource, String namespace, String name) {
    return table(resource).get(key(namespace, name));
  }

  /** Objects in name order; {@code namespace} null or empty means all. */
  public synchronized Listing list(String resource, String namespace) {
    TreeMap<String, ObjectNode> all = table(resource);
    boolean every = namespace == null || namespace.isEmpty();
    var range = every ? all : all.subMap(namespace + "/", namespace + "0");
    return new Listing(new ArrayList<>(range.values()), revision);
  }

  public synchronized List<String> resources() {
    return new ArrayList<>(objects.keySet());
  }

  public synchronized long revision() {
    return revision;
  }

  /** Stores the object under the next revision, which it writes into it, and returns it. */
  synchronized ObjectNode put(String resource, ObjectNode object) {
    ObjectNode previous = table(resource).get(key(object));
    if (previous == null && count >= OBJECTS_MAX) {
      throw Errors.of(
          507, "InsufficientStorage", "the local API holds " + OBJECTS_MAX + " objects already");
    }
    long next = revision + 1;
    ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(next));
    journal.put(resource, object);
    revision = next;
    table(resource).put(key(object), object);
    count += previous == null ? 1 : 0;
    Objects.Change.Kind type =
        previous == null ? Objects.Change.Kind.ADDED : Objects.Change.Kind.MODIFIED;
    publish(new StoreEvent(next, resource, type, object, previous));
    return object;
  }

  synchronized void remove(String resource, ObjectNode object) {
    long next = revision + 1;
    journal.remove(resource, key(object), next);
    revision = next;
    table(resource).remove(key(object));
    count--;
    ObjectNode last = object.deepCopy();
    ((ObjectNode) last.get("metadata")).put("resourceVersion", Long.toString(next));
    publish(new StoreEvent(next, resource, Objects.Change.Kind.DELETED, last, object));
  }

  private void publish(StoreEvent event) {
    history.addLast(event);
    if (history.size() > HISTORY_MAX) {
      forgotten = history.removeFirst().revision();
    }
    if (!eventThread.isShutdown()) {
      eventThread.execute(() -> dispatch(event));
    }
    if (journal.wantsCompaction()) {
      journal.compact(
          () -> objects.forEach((name, all) -> all.values().forEach(o -> journal.put(name, o))));
    }
  }

  private void dispatch(StoreEvent event) {
    for (Watcher watcher : watchers) {
      boolean wanted = watcher.resource.isEmpty() || watcher.resource.equals(event.resource());
      if (wanted && event.revision() > watcher.after) {
        deliver(watcher, event);
      }
    }
  }

  private static void deliver(Watcher watcher, StoreEvent event) {
    try {
      watcher.listener.accept(event);
    } catch (RuntimeException e) {
      System.getLogger(Db.class.getName())
          .log(System.Logger.Level.ERROR, "A watch listener failed on " + event.resource(), e);
    }
  }

  /**
   * Delivers changes after {@code since} in order on the event thread; an empty resource means all.
   *
   * @throws ApiException 410 when {@code since} is older than the history
   */
  public synchronized Objects.Subscription watch(
      String resource, long since, Consumer<StoreEvent> listener) {
    if (since < forgotten && since < revision) {
      throw Errors.expired("too old resource version: " + since + " (" + forgotten + ")");
    }
    List<StoreEvent> missed = new ArrayList<>();
    for (StoreEvent event : history) {
      if (event.revision() > since && (resource.isEmpty() || event.resource().equals(resource))) {
        missed.add(event);
      }
    }
    Watcher watcher = new Watcher(resource, revision, listener);
    eventThread.execute(() -> {
      missed.forEach(event -> deliver(watcher, event));
      watchers.add(watcher);
    });
    return () -> unwatch(watcher);
  }

  /** Delivers all present objects as ADDED, then changes. */
  public synchronized Objects.Subscription watchFromNow(
      String resource, Consumer<StoreEvent> listener) {
    List<ObjectNode> present = list(resource, null).items();
    Watcher watcher = new Watcher(resource, revision, listener);
    eventThread.execute(() -> {
      present.forEach(object ->
          deliver(
              watcher,
              new StoreEvent(watcher.after, resource, Objects.Change.Kind.ADDED, object, null)));
      watchers.add(watcher);
    });
    return () -> unwatch(watcher);
  }

  /** Behind the registration, which may still be queued. */
  private synchronized void unwatch(Watcher watcher) {
    if (!eventThread.isShutdown()) {
      eventThread.execute(() -> watchers.remove(watcher));
    }
  }

  /** Calls back on the event thread, after all changes up to the revision it passes. */
  public synchronized void afterPending(java.util.function.LongConsumer callback) {
    long now = revision;
    if (!eventThread.isShutdown()) {
      eventThread.execute(() -> callback.accept(now));
    }
  }

  @Override
  public synchronized void close() throws IOException {
    eventThread.shutdownNow();
    try {
      journal.close();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
