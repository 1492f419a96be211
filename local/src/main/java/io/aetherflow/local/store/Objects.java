package io.aetherflow.local.store;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The API server's objects as in-process callers (controllers, the node) see them: the same
 * defaulting, validation, generation and garbage-collection rules as over HTTPS, without
 * authorization.
 *
 * <p>Objects handed out are copies; changing one changes nothing until it is written back. Every
 * method may be called from any thread. Errors are {@link ApiException}, which carries the {@code
 * Status} an HTTP client would see.
 */
public interface Objects {

  /** The object, or empty; {@code namespace} is null for cluster-scoped kinds. */
  <T extends HasMetadata> Optional<T> find(Class<T> type, String namespace, String name);

  /** All objects of the kind in every namespace, in name order. */
  <T extends HasMetadata> List<T> list(Class<T> type);

  /** Creates; 409 AlreadyExists when the name is taken. Honours {@code generateName}. */
  <T extends HasMetadata> T create(T object);

  /**
   * Replaces everything but the status. When {@code metadata.resourceVersion} is set and stale: 409
   * Conflict. Raises {@code generation} when the spec changed; a replacement that changes nothing
   * keeps the resource version and emits no event.
   */
  <T extends HasMetadata> T replace(T object);

  /** Replaces the status only; same conflict and no-op rules as {@link #replace}. */
  <T extends HasMetadata> T replaceStatus(T object);

  /**
   * Deletes. Objects with finalizers, and pods bound to a node when {@code graceSeconds > 0}, are
   * only marked with {@code deletionTimestamp}; everything else goes at once. A missing object is
   * not an error.
   */
  <T extends HasMetadata> void delete(
      Class<T> type, String namespace, String name, long graceSeconds);

  /**
   * Delivers every present object as {@code ADDED}, then each change in revision order, one at a
   * time, on the store's event thread. The listener must not block.
   */
  <T extends HasMetadata> Subscription watch(Class<T> type, Consumer<Change<T>> listener);

  /** One change of one object; {@code object} is the state after it (before it for DELETED). */
  record Change<T extends HasMetadata>(Kind kind, T object) {
    /** Watch event types, as on the wire. */
    public enum Kind {
      ADDED,
      MODIFIED,
      DELETED
    }
  }

  /** Ends a watch; idempotent. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
