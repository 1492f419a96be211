package io.aetherflow.local.controllers;

import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The objects of one kind in memory, kept by a watch and by this process's own writes, so that a
 * controller always reads what it wrote and nothing is converted from JSON twice. Objects handed
 * out are shared: nobody changes them. Thread-safe.
 */
final class Informer<T extends HasMetadata> implements AutoCloseable {
  private final Class<T> type;
  private final List<Consumer<T>> handlers = new ArrayList<>();
  private final Map<String, TreeMap<String, T>> objects = new HashMap<>();

  /** Deleted here while the watch may still deliver older states of them. */
  private final Set<String> deletedUids = new HashSet<>();

  /** Gone by the watch while a write was under way, whose result must not bring them back. */
  private final Set<String> goneUids = new HashSet<>();

  private int writes;
  private Objects.Subscription subscription;

  Informer(Class<T> type) {
    this.type = type;
  }

  /** Calls the handler on the store's thread with each changed object; before {@link #start}. */
  void onChange(Consumer<T> handler) {
    handlers.add(handler);
  }

  /** Fills the index before it returns, so that no controller acts on half of the objects. */
  void start(Objects store) {
    synchronized (this) {
      subscription = store.watch(type, this::changed);
      store.list(type).forEach(this::put);
    }
  }

  private void changed(Objects.Change<T> change) {
    T object = change.object();
    synchronized (this) {
      if (change.kind() == Objects.Change.Kind.DELETED) {
        deletedUids.remove(object.getMetadata().getUid());
        forget(object);
        if (writes > 0) {
          goneUids.add(object.getMetadata().getUid());
        }
      } else {
        put(object);
      }
    }
    handlers.forEach(handler -> handler.accept(object));
  }

  /** Before a write to the store; {@link #endWrite} follows. */
  synchronized void beginWrite() {
    writes++;
  }

  synchronized void endWrite() {
    writes--;
    if (writes == 0) {
      goneUids.clear();
    }
  }

  /** Takes a state of the object, unless a later one is known. */
  synchronized void put(T object) {
    String uid = object.getMetadata().getUid();
    if (deletedUids.contains(uid) || goneUids.contains(uid)) {
      return;
    }
    object.getMetadata().setManagedFields(new ArrayList<>());
    TreeMap<String, T> all = objects.computeIfAbsent(namespace(object), n -> new TreeMap<>());
    T present = all.get(object.getMetadata().getName());
    if (present == null || version(present) < version(object)) {
      all.put(object.getMetadata().getName(), object);
    }
  }

  /** After a deletion by this process. */
  synchronized void drop(T object) {
    if (forget(object)) {
      deletedUids.add(object.getMetadata().getUid());
    }
  }

  private boolean forget(T object) {
    TreeMap<String, T> all = objects.getOrDefault(namespace(object), new TreeMap<>());
    T present = all.get(object.getMetadata().getName());
    boolean same =
        present != null && present.getMetadata().getUid().equals(object.getMetadata().getUid());
    if (same) {
      all.remove(object.getMetadata().getName());
      if (all.isEmpty()) {
        objects.remove(namespace(object));
      }
    }
    return same;
  }

  private static long version(HasMetadata object) {
    return Long.parseLong(object.getMetadata().getResourceVersion());
  }

  private static String namespace(HasMetadata object) {
    String namespace = object.getMetadata().getNamespace();
    return namespace == null ? "" : namespace;
  }

  synchronized Optional<T> find(String namespace, String name) {
    TreeMap<String, T> all = objects.get(namespace);
    return Optional.ofNullable(all == null ? null : all.get(name));
  }

  /** In name order. */
  synchronized List<T> list(String namespace) {
    TreeMap<String, T> all = objects.get(namespace);
    return all == null ? List.of() : List.copyOf(all.values());
  }

  synchronized List<T> all() {
    return objects.values().stream().flatMap(all -> all.values().stream()).toList();
  }

  @Override
  public synchronized void close() {
    if (subscription != null) {
      subscription.close();
    }
  }
}
