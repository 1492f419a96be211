package io.aetherflow.local.controllers;

import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The store as the controllers use it: reads come from {@link Informer}s, writes go through and are
 * seen by the next read. Thread-safe; errors are those of {@link Objects}.
 */
final class Api implements AutoCloseable {
  private final Objects store;
  private final Map<Class<?>, Informer<?>> informers = new LinkedHashMap<>();

  Api(Objects store) {
    this.store = store;
  }

  /** Watches the kind; all kinds are named before {@link #start}. */
  <T extends HasMetadata> void watch(Class<T> type, Consumer<T> handler) {
    informers.computeIfAbsent(type, t -> new Informer<>(type));
    informer(type).onChange(handler);
  }

  void start() {
    informers.values().forEach(informer -> informer.start(store));
  }

  @SuppressWarnings("unchecked")
  private <T extends HasMetadata> Informer<T> informer(Class<T> type) {
    return (Informer<T>) informers.get(type);
  }

  <T extends HasMetadata> Optional<T> find(Class<T> type, String namespace, String name) {
    return informer(type).find(namespace, name);
  }

  <T extends HasMetadata> List<T> list(Class<T> type, String namespace) {
    return informer(type).list(namespace);
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return informer(type).all();
  }

  /**
   * Whether this very object is still there, asked of the store: informers hear of the end of an
   * owner after they heard that its dependents were let go.
   */
  boolean isLive(HasMetadata object) {
    return store
        .find(
            object.getClass(), object.getMetadata().getNamespace(), object.getMetadata().getName())
        .filter(now -> now.getMetadata().getUid().equals(object.getMetadata().getUid()))
        .isPresent();
  }

  <T extends HasMetadata> T create(T object) {
    return write(object, () -> store.create(object));
  }

  <T extends HasMetadata> T replace(T object) {
    return write(object, () -> store.replace(object));
  }

  <T extends HasMetadata> T replaceStatus(T object) {
    return write(object, () -> store.replaceStatus(object));
  }

  @SuppressWarnings("unchecked")
  private <T extends HasMetadata> T write(T object, Supplier<T> call) {
    Informer<T> informer = informer((Class<T>) object.getClass());
    if (informer == null) {
      return call.get();
    }
    informer.beginWrite();
    try {
      T written = call.get();
      informer.put(written);
      return written;
    } finally {
      informer.endWrite();
    }
  }

  /** Deletes, a pod with its own grace period. */
  @SuppressWarnings("unchecked")
  <T extends HasMetadata> void delete(T object) {
    Class<T> type = (Class<T>) object.getClass();
    String namespace = object.getMetadata().getNamespace();
    String name = object.getMetadata().getName();
    Informer<T> informer = informer(type);
    informer.beginWrite();
    try {
      store.delete(type, namespace, name, -1);
      store
          .find(type, namespace, name)
          .filter(o -> o.getMetadata().getUid().equals(object.getMetadata().getUid()))
          .ifPresentOrElse(informer::put, () -> informer.drop(object));
    } finally {
      informer.endWrite();
    }
  }

  /** A copy that may be changed. */
  @SuppressWarnings("unchecked")
  static <T extends HasMetadata> T copy(T object) {
    return (T) Json.model(Json.tree(object), object.getClass());
  }

  @Override
  public void close() {
    informers.values().forEach(Informer::close);
  }
}
