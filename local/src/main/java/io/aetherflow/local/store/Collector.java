package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletion: finalizers, graceful pods, dependents by owner reference, namespaces and old Events.
 * All methods are called with the database's lock held.
 */
final class Collector {
  /** As the API server's {@code --event-ttl}. */
  static final Duration EVENT_TTL = Duration.ofHours(1);

  /** Against a controller that reports in a loop. */
  static final int EVENTS_MAX = 2000;

  private static final String FOREGROUND = "foregroundDeletion";

  private final Db db;
  private final Kinds kinds;
  private final Clock clock;

  Collector(Db db, Kinds kinds, Clock clock) {
    this.db = db;
    this.kinds = kinds;
    this.clock = clock;
  }

  /**
   * Collects what a process that ended in the middle of a cascade left, and from now on objects
   * that are created for an owner that is already gone.
   */
  void start() {
    for (String resource : List.copyOf(db.resources())) {
      for (ObjectNode object : db.list(resource, null).items()) {
        collectOrphan(resource, object);
      }
    }
    db.watch(
        "",
        db.revision(),
        event -> {
          if (event.type() == Objects.Change.Kind.ADDED) {
            collectOrphan(event.resource(), event.object());
          }
        });
  }

  private void collectOrphan(String resource, ObjectNode object) {
    if (Json.at(object, "metadata", "ownerReferences").isEmpty()) {
      return;
    }
    synchronized (db) {
      String namespace = Json.text(object, "metadata", "namespace");
      ObjectNode live = db.get(resource, namespace, Json.text(object, "metadata", "name"));
      if (live != null && ownersLeft(live, "").isEmpty()) {
        kinds.byName(resource).ifPresent(kind -> delete(kind, live, Deletion.background(-1)));
      }
    }
  }

  void checkNamespace(Kind kind, String namespace, String name) {
    ObjectNode found = db.get("namespaces", "", namespace);
    if (found == null) {
      throw Errors.notFound(kinds.byName("namespaces").orElseThrow(), namespace);
    }
    if (Json.at(found, "metadata").has("deletionTimestamp")) {
      throw Errors.forbidden(
          kind.resource()
              + " \""
              + name
              + "\" is forbidden: unable to create new content in"
              + " namespace "
              + namespace
              + " because it is being terminated");
    }
  }

  ObjectNode delete(Kind kind, ObjectNode live, Deletion how) {
    String name = Json.text(live, "metadata", "name");
    checkPrecondition(kind, live, how, name);
    if (how.dryRun()) {
      return live;
    }
    ObjectNode next = live.deepCopy();
    ObjectNode metadata = (ObjectNode) next.get("metadata");
    long grace = graceSeconds(kind, live, how);
    if (how.propagation() == Deletion.Propagation.ORPHAN) {
      dependents(live).forEach(dependent -> disown(dependent, live));
    }
    if (how.propagation() == Deletion.Propagation.FOREGROUND && !dependents(live).isEmpty()) {
      addFinalizer(metadata);
    }
    boolean waits =
        grace > 0 || !metadata.path("finalizers").isEmpty() || isFullNamespace(kind, name);
    if (!waits) {
      remove(kind, live);
      return live;
    }
    mark(kind, next, grace);
    ObjectNode marked = next.equals(live) ? live : db.put(kind.resource(), next);
    if (how.propagation() == Deletion.Propagation.FOREGROUND) {
      deleteDependents(live, Deletion.Propagation.FOREGROUND);
    }
    if (kind.kind().equals("Namespace")) {
      empty(name);
    }
    return marked;
  }

  private static void checkPrecondition(Kind kind, ObjectNode live, Deletion how, String name) {
    String uid = Json.text(live, "metadata", "uid");
    String version = Json.text(live, "metadata", "resourceVersion");
    boolean otherUid = !how.uid().isEmpty() && !how.uid().equals(uid);
    if (otherUid || !how.resourceVersion().isEmpty() && !how.resourceVersion().equals(version)) {
      throw Errors.conflict(kind, name, "Precondition failed: it is another object or version");
    }
  }

  private static long graceSeconds(Kind kind, ObjectNode live, Deletion how) {
    boolean running = kind.kind().equals("Pod") && live.path("spec").hasNonNull("nodeName");
    if (!running) {
      return 0;
    }
    return how.graceSeconds() >= 0
        ? how.graceSeconds()
        : Json.at(live, "spec", "terminationGracePeriodSeconds").asLong(30);
  }

  private void mark(Kind kind, ObjectNode object, long graceSeconds) {
    ObjectNode metadata = (ObjectNode) object.get("metadata");
    long present = metadata.path("deletionGracePeriodSeconds").asLong(Long.MAX_VALUE);
    if (!metadata.has("deletionTimestamp") || graceSeconds < present) {
      Instant at = Instant.now(clock).truncatedTo(ChronoUnit.SECONDS).plusSeconds(graceSeconds);
      if (!metadata.has("deletionTimestamp") || graceSeconds > 0) {
        metadata.put("deletionTimestamp", at.toString());
      }
      metadata.set("deletionGracePeriodSeconds", Json.number(graceSeconds));
      if (kind.counted()) {
        long generation = metadata.path("generation").asLong(1);
        metadata.set("generation", Json.number(generation + 1));
      }
    }
    if (kind.kind().equals("Namespace")) {
      Json.child(object, "status").put("phase", "Terminating");
    }
  }

  private static void addFinalizer(ObjectNode metadata) {
    ArrayNode finalizers =
        metadata.get("finalizers") instanceof ArrayNode present
            ? present
            : metadata.putArray("finalizers");
    for (JsonNode finalizer : finalizers) {
      if (finalizer.asText().equals(FOREGROUND)) {
        return;
      }
    }
    finalizers.add(FOREGROUND);
  }

  /** True when nothing holds a marked object back any more. */
  boolean complete(Kind kind, ObjectNode object) {
    JsonNode metadata = object.get("metadata");
    boolean held = metadata.path("deletionGracePeriodSeconds").asLong() > 0;
    return metadata.path("finalizers").isEmpty()
        && !held
        && !isFullNamespace(kind, Json.text(metadata, "name"));
  }

  /** Takes the object out and follows up: dependents, owners in foreground deletion, namespace. */
  void remove(Kind kind, ObjectNode object) {
    db.remove(kind.resource(), object);
    if (kind.kind().equals("CustomResourceDefinition")) {
      String resource = Json.text(object, "metadata", "name");
      kinds
          .byName(resource)
          .ifPresent(custom ->
              db.list(resource, null)
                  .items()
                  .forEach(o -> delete(custom, o, Deletion.background(0))));
      kinds.undefine(object);
    }
    deleteDependents(object, Deletion.Propagation.BACKGROUND);
    for (JsonNode owner : Json.at(object, "metadata", "ownerReferences")) {
      releaseForeground(owner, Json.text(object, "metadata", "namespace"));
    }
    finishNamespace(Json.text(object, "metadata", "namespace"));
  }

  private void deleteDependents(ObjectNode owner, Deletion.Propagation propagation) {
    String uid = Json.text(owner, "metadata", "uid");
    for (ObjectNode dependent : dependents(owner)) {
      Kind kind = kindOf(dependent);
      String namespace = Json.text(dependent, "metadata", "namespace");
      ObjectNode live =
          db.get(kind.resource(), namespace, Json.text(dependent, "metadata", "name"));
      if (live != null && ownersLeft(live, uid).isEmpty()) {
        delete(kind, live, new Deletion(propagation, -1, "", "", false));
      }
    }
  }

  private void releaseForeground(JsonNode reference, String namespace) {
    Kind kind =
        kinds.byKind(Json.text(reference, "apiVersion"), Json.text(reference, "kind")).orElse(null);
    if (kind == null) {
      return;
    }
    ObjectNode owner =
        db.get(kind.resource(), kind.namespaced() ? namespace : "", Json.text(reference, "name"));
    if (owner == null
        || !Json.at(owner, "metadata").has("deletionTimestamp")
        || !Json.at(owner, "metadata", "finalizers").toString().contains(FOREGROUND)
        || !dependents(owner).isEmpty()) {
      return;
    }
    ObjectNode next = owner.deepCopy();
    ArrayNode left = ((ObjectNode) next.get("metadata")).putArray("finalizers");
    for (JsonNode finalizer : Json.at(owner, "metadata", "finalizers")) {
      if (!finalizer.asText().equals(FOREGROUND)) {
        left.add(finalizer);
      }
    }
    if (complete(kind, next)) {
      remove(kind, owner);
    } else {
      db.put(kind.resource(), next);
    }
  }

  private void disown(ObjectNode dependent, ObjectNode owner) {
    ObjectNode next = dependent.deepCopy();
    ArrayNode left = ((ObjectNode) next.get("metadata")).putArray("ownerReferences");
    for (JsonNode reference : Json.at(dependent, "metadata", "ownerReferences")) {
      if (!Json.text(reference, "uid").equals(Json.text(owner, "metadata", "uid"))) {
        left.add(reference);
      }
    }
    if (left.isEmpty()) {
      ((ObjectNode) next.get("metadata")).remove("ownerReferences");
    }
    db.put(kindOf(dependent).resource(), next);
  }

  private List<ObjectNode> dependents(ObjectNode owner) {
    String uid = Json.text(owner, "metadata", "uid");
    List<ObjectNode> found = new ArrayList<>();
    for (String resource : db.resources()) {
      for (ObjectNode object : db.list(resource, null).items()) {
        for (JsonNode reference : Json.at(object, "metadata", "ownerReferences")) {
          if (Json.text(reference, "uid").equals(uid)) {
            found.add(object);
          }
        }
      }
    }
    return found;
  }

  private List<JsonNode> ownersLeft(ObjectNode object, String goneUid) {
    List<JsonNode> left = new ArrayList<>();
    String namespace = Json.text(object, "metadata", "namespace");
    for (JsonNode reference : Json.at(object, "metadata", "ownerReferences")) {
      String uid = Json.text(reference, "uid");
      Kind kind =
          kinds
              .byKind(Json.text(reference, "apiVersion"), Json.text(reference, "kind"))
              .orElse(null);
      ObjectNode owner =
          kind == null
              ? null
              : db.get(
                  kind.resource(),
                  kind.namespaced() ? namespace : "",
                  Json.text(reference, "name"));
      boolean there = owner != null && Json.text(owner, "metadata", "uid").equals(uid);
      if (there && !uid.equals(goneUid)) {
        left.add(reference);
      }
    }
    return left;
  }

  private Kind kindOf(ObjectNode object) {
    return kinds
        .byKind(Json.text(object, "apiVersion"), Json.text(object, "kind"))
        .orElseThrow(Errors::noSuchResource);
  }

  private boolean isFullNamespace(Kind kind, String name) {
    return kind.kind().equals("Namespace")
        && db.resources().stream().anyMatch(r -> !db.list(r, name).items().isEmpty());
  }

  private void empty(String namespace) {
    for (String resource : db.resources()) {
      Kind kind = kinds.byName(resource).orElse(null);
      for (ObjectNode object : db.list(resource, namespace).items()) {
        String name = Json.text(object, "metadata", "name");
        ObjectNode live = db.get(resource, namespace, name);
        if (kind != null && live != null) {
          delete(kind, live, Deletion.background(-1));
        }
      }
    }
  }

  private void finishNamespace(String name) {
    ObjectNode namespace = name.isEmpty() ? null : db.get("namespaces", "", name);
    Kind kind = kinds.byName("namespaces").orElseThrow();
    if (namespace != null
        && Json.at(namespace, "metadata").has("deletionTimestamp")
        && complete(kind, namespace)) {
      remove(kind, namespace);
    }
  }

  /** Drops Events past their time, and the oldest beyond the bound. */
  void expireEvents(Kind kind) {
    List<ObjectNode> events = db.list(kind.resource(), null).items();
    Instant limit = Instant.now(clock).minus(EVENT_TTL);
    int excess = events.size() - EVENTS_MAX;
    events.sort(
        java.util.Comparator.comparingLong(
            e -> Json.at(e, "metadata", "resourceVersion").asLong()));
    for (ObjectNode event : events) {
      Instant created = Instant.parse(Json.text(event, "metadata", "creationTimestamp"));
      if (excess-- > 0 || created.isBefore(limit)) {
        db.remove(kind.resource(), event);
      }
    }
  }
}
