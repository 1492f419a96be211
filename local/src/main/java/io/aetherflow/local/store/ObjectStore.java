package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The in-process view of the store, on fabric8 classes. */
public final class ObjectStore implements Objects, AutoCloseable {
  private static final List<String> FIRST_NAMESPACES = List.of("default", "kube-system");

  private final Resources resources;
  private final Kinds kinds;

  private static final String NETWORK = "127.79";

  /** Opens the objects kept in {@code directory}, with the usual Service addresses. */
  public ObjectStore(Path directory, Clock clock) throws IOException {
    this(directory, NETWORK, clock);
  }

  /**
   * @param network of Service addresses, as in {@code 127.79}
   */
  public ObjectStore(Path directory, String network, Clock clock) throws IOException {
    this.kinds = new Kinds();
    Db db = new Db(directory);
    db.list("customresourcedefinitions.apiextensions.k8s.io", null).items().forEach(kinds::define);
    this.resources = new Resources(db, kinds, network, clock);
    Kind namespaces = kinds.byName("namespaces").orElseThrow();
    for (String name : FIRST_NAMESPACES) {
      if (db.get("namespaces", "", name) == null) {
        ObjectNode namespace = Json.object();
        namespace.putObject("metadata").put("name", name);
        resources.create(namespaces, "", namespace, Write.internal(""));
      }
    }
  }

  public Resources resources() {
    return resources;
  }

  private Kind kind(HasMetadata object) {
    return kinds
        .byKind(object.getApiVersion(), object.getKind())
        .orElseThrow(Errors::noSuchResource);
  }

  private Kind kind(Class<? extends HasMetadata> type) {
    return kinds.byType(type).orElseThrow(Errors::noSuchResource);
  }

  private static String namespace(Kind kind, HasMetadata object) {
    String own = object.getMetadata().getNamespace();
    if (!kind.namespaced()) {
      return "";
    }
    return own == null ? "default" : own;
  }

  @Override
  public <T extends HasMetadata> Optional<T> find(Class<T> type, String namespace, String name) {
    Kind kind = kinds.byType(type).orElse(null);
    ObjectNode found =
        kind == null
            ? null
            : resources.db().get(kind.resource(), kind.namespaced() ? namespace : "", name);
    return Optional.ofNullable(found)
        .map(object -> Json.model(Resources.served(kind, object), type));
  }

  @Override
  public <T extends HasMetadata> List<T> list(Class<T> type) {
    return kinds.byType(type).stream()
        .flatMap(kind ->
            resources.db().list(kind.resource(), null).items().stream()
                .map(object -> Json.model(Resources.served(kind, object), type)))
        .toList();
  }

  @Override
  @SuppressWarnings("unchecked")
  public <T extends HasMetadata> T create(T object) {
    Kind kind = kind(object);
    ObjectNode made =
        resources.create(kind, namespace(kind, object), Json.tree(object), Write.internal(""));
    return (T) Json.model(made, object.getClass());
  }

  @Override
  public <T extends HasMetadata> T replace(T object) {
    return write(object, "");
  }

  @Override
  public <T extends HasMetadata> T replaceStatus(T object) {
    return write(object, "status");
  }

  @SuppressWarnings("unchecked")
  private <T extends HasMetadata> T write(T object, String subresource) {
    Kind kind = kind(object);
    ObjectNode wanted = Json.tree(object);
    ObjectNode written =
        resources.update(
            kind,
            namespace(kind, object),
            object.getMetadata().getName(),
            Write.internal(subresource),
            live -> wanted);
    return (T) Json.model(written, object.getClass());
  }

  @Override
  public <T extends HasMetadata> void delete(
      Class<T> type, String namespace, String name, long graceSeconds) {
    Kind kind = kind(type);
    try {
      resources.delete(
          kind, kind.namespaced() ? namespace : "", name, Deletion.background(graceSeconds));
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  @Override
  public <T extends HasMetadata> Subscription watch(Class<T> type, Consumer<Change<T>> listener) {
    String resource = HasMetadata.getPlural(type);
    String group = HasMetadata.getGroup(type);
    String name = group == null || group.isEmpty() ? resource : resource + "." + group;
    return resources
        .db()
        .watchFromNow(
            name,
            event -> listener.accept(new Change<>(event.type(), Json.model(event.object(), type))));
  }

  @Override
  public void close() throws IOException {
    resources.db().close();
  }
}
