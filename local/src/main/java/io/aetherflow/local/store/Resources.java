package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Apply;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.schema.ManagedFields;
import io.aetherflow.local.schema.Problem;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/**
 * The API's verbs on stored objects: identity, generation, conflicts, field ownership and
 * subresources. Every write holds the database's lock, so it is atomic. Results are read-only.
 */
public final class Resources {
  private final Db db;
  private final Kinds kinds;
  private final Admission admission;
  private final Collector collector;
  private final Addresses addresses;

  /**
   * @param network of Service addresses, as in {@code 127.79}
   */
  public Resources(Db db, Kinds kinds, String network, Clock clock) {
    this.db = db;
    this.kinds = kinds;
    this.admission = new Admission(clock, new ClaimRules(db));
    this.collector = new Collector(db, kinds, clock);
    this.addresses = new Addresses(db, network);
    collector.start();
  }

  public Db db() {
    return db;
  }

  public Kinds kinds() {
    return kinds;
  }

  /**
   * @throws ApiException 404 when absent
   */
  public ObjectNode get(Kind kind, String namespace, String name) {
    ObjectNode object = db.get(kind.resource(), namespace, name);
    if (object == null) {
      throw Errors.notFound(kind, name);
    }
    return served(kind, object);
  }

  /** Stored objects carry the version they were written in; every version has one schema here. */
  public static ObjectNode served(Kind kind, ObjectNode object) {
    return kind.apiVersion().equals(Json.text(object, "apiVersion"))
        ? object
        : object.deepCopy().put("apiVersion", kind.apiVersion());
  }

  public ObjectNode create(Kind kind, String namespace, ObjectNode body, Write write) {
    synchronized (db) {
      ObjectNode object = body.deepCopy();
      admission.decode(kind, object, write);
      identify(kind, namespace, object);
      String name = Json.text(object, "metadata", "name");
      if (db.get(kind.resource(), namespace, name) != null) {
        throw Errors.alreadyExists(kind, name);
      }
      return insert(kind, object, new ManagedFields(), write, true);
    }
  }

  private ObjectNode insert(
      Kind kind, ObjectNode object, ManagedFields managed, Write write, boolean track) {
    if (kind.hasStatus() && !write.status()) {
      object.remove("status");
    }
    if (kind.counted()) {
      ((ObjectNode) object.get("metadata")).put("generation", 1);
    }
    initialise(kind, object);
    ObjectNode given = object.deepCopy();
    admission.admit(kind, object, null);
    addresses.assign(kind, object);
    if (track) {
      ManagedFields.Key key =
          ManagedFields.Key.update(write.manager(), kind.apiVersion(), write.subresource());
      managed.afterWrite(key, Json.object(), given, kind.shape(), admission.now());
    }
    managed.store(object);
    return commit(kind, null, object, write);
  }

  private static void initialise(Kind kind, ObjectNode object) {
    if (kind.kind().equals("Namespace")) {
      Json.child(object, "spec").putArray("finalizers").add("kubernetes");
      Json.child(object, "status").put("phase", "Active");
    } else if (kind.kind().equals("Pod")) {
      Json.child(object, "status").put("phase", "Pending");
    } else if (kind.kind().equals("PersistentVolumeClaim")) {
      Json.child(object, "status").put("phase", "Pending");
    }
  }

  private void identify(Kind kind, String namespace, ObjectNode object) {
    ObjectNode metadata = Json.child(object, "metadata");
    object.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    if (kind.namespaced()) {
      String own = Json.text(metadata, "namespace");
      if (!own.isEmpty() && !own.equals(namespace)) {
        throw Errors.badRequest(
            "the namespace of the provided object does not match the namespace sent on the"
                + " request");
      }
      metadata.put("namespace", namespace);
      collector.checkNamespace(kind, namespace, Json.text(metadata, "name"));
    } else {
      metadata.remove("namespace");
    }
    String prefix = Json.text(metadata, "generateName");
    if (Json.text(metadata, "name").isEmpty() && !prefix.isEmpty()) {
      int suffix = ThreadLocalRandom.current().nextInt(36 * 36 * 36 * 36);
      metadata.put("name", prefix + "x" + Integer.toString(suffix, 36));
    }
    if (Json.text(metadata, "name").isEmpty()) {
      Problem problem = Problem.required("metadata.name", "name or generateName is required");
      throw Errors.invalid(kind, "", List.of(problem));
    }
    admission.checkName(kind, Json.text(metadata, "name"));
    metadata.remove(List.of("resourceVersion", "deletionTimestamp", "managedFields", "selfLink"));
    metadata.put("uid", UUID.randomUUID().toString());
    metadata.put("creationTimestamp", admission.now());
  }

  /**
   * Replaces the object by {@code change} of it.
   *
   * @param change gets a copy of the live object; may return it or another
   */
  public ObjectNode update(
      Kind kind, String namespace, String name, Write write, UnaryOperator<ObjectNode> change) {
    synchronized (db) {
      ObjectNode live = get(kind, namespace, name);
      ObjectNode wanted = change.apply(live.deepCopy());
      String version = Json.text(wanted, "metadata", "resourceVersion");
      if (!version.isEmpty() && !version.equals(Json.text(live, "metadata", "resourceVersion"))) {
        throw Errors.stale(kind, name);
      }
      admission.decode(kind, wanted, write);
      ManagedFields managed = managers(wanted, live);
      ObjectNode next = confine(kind, live, wanted, write);
      ObjectNode given = next.deepCopy();
      finish(kind, live, next);
      ManagedFields.Key key =
          ManagedFields.Key.update(write.manager(), kind.apiVersion(), write.subresource());
      managed.afterWrite(key, live, given, kind.shape(), admission.now());
      managed.store(next);
      return commit(kind, live, next, write);
    }
  }

  private static ManagedFields managers(ObjectNode wanted, ObjectNode live) {
    JsonNode sent = Json.at(wanted, "metadata", "managedFields");
    boolean reset = sent.size() == 1 && sent.get(0).isEmpty();
    if (reset) {
      return new ManagedFields();
    }
    return ManagedFields.of(sent.isEmpty() ? live : wanted);
  }

  /** Server-side apply; creates the object when it is absent. */
  public ObjectNode apply(
      Kind kind, String namespace, String name, ObjectNode body, boolean force, Write write) {
    synchronized (db) {
      ObjectNode config = body.deepCopy();
      Write strict =
          new Write(
              write.manager(),
              write.subresource(),
              write.dryRun(),
              Write.Validation.STRICT,
              write.warnings());
      admission.decode(kind, config, strict);
      if (!Json.at(config, "metadata", "managedFields").isMissingNode()) {
        throw Errors.badRequest("metadata.managedFields must be nil");
      }
      ObjectNode live = db.get(kind.resource(), namespace, name);
      ManagedFields.Key key =
          ManagedFields.Key.apply(write.manager(), kind.apiVersion(), write.subresource());
      restrict(kind, config, write);
      if (live == null) {
        return applyNew(kind, namespace, name, config, key, write);
      }
      String version = Json.text(config, "metadata", "resourceVersion");
      if (!version.isEmpty() && !version.equals(Json.text(live, "metadata", "resourceVersion"))) {
        throw Errors.stale(kind, name);
      }
      ManagedFields managed = ManagedFields.of(live);
      Apply.Outcome outcome =
          Apply.apply(
              served(kind, live), config, kind.shape(), managed, key, force, admission.now());
      if (!outcome.conflicts().isEmpty()) {
        throw Errors.conflicts(outcome.conflicts());
      }
      ObjectNode next = confine(kind, live, outcome.object(), write);
      finish(kind, live, next);
      managed.store(next);
      return commit(kind, live, next, write);
    }
  }

  /** A status write owns only status fields, a main write everything else. */
  private static void restrict(Kind kind, ObjectNode config, Write write) {
    if (write.status()) {
      config.retain("apiVersion", "kind", "metadata", "status");
      ((ObjectNode) config.get("metadata")).retain("name", "namespace", "uid", "resourceVersion");
    } else if (kind.hasStatus()) {
      config.remove("status");
    }
  }

  private ObjectNode applyNew(
      Kind kind,
      String namespace,
      String name,
      ObjectNode config,
      ManagedFields.Key key,
      Write write) {
    boolean expected = !Json.text(config, "metadata", "uid").isEmpty();
    if (!write.subresource().isEmpty() || expected) {
      throw Errors.notFound(kind, name);
    }
    ManagedFields managed = new ManagedFields();
    ObjectNode merged =
        Apply.apply(Json.object(), config, kind.shape(), managed, key, true, admission.now())
            .object();
    identify(kind, namespace, merged);
    return insert(kind, merged, managed, write, false);
  }

  /** The live object with those parts of {@code wanted} that this write may change. */
  private static ObjectNode confine(Kind kind, ObjectNode live, ObjectNode wanted, Write write) {
    ObjectNode next;
    if (write.status()) {
      next = live.deepCopy();
      next.remove("status");
      if (wanted.has("status")) {
        next.set("status", wanted.get("status"));
      }
    } else {
      next = wanted.deepCopy();
      if (kind.hasStatus()) {
        next.remove("status");
        if (live.has("status")) {
          next.set("status", live.get("status").deepCopy());
        }
      }
    }
    return keepIdentity(kind, live, next);
  }

  private static ObjectNode keepIdentity(Kind kind, ObjectNode live, ObjectNode next) {
    JsonNode old = live.get("metadata");
    ObjectNode metadata = Json.child(next, "metadata");
    String uid = Json.text(metadata, "uid");
    String name = Json.text(old, "name");
    if (!uid.isEmpty() && !uid.equals(Json.text(old, "uid"))) {
      throw Errors.conflict(
          kind,
          name,
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + Json.text(old, "uid"));
    }
    for (String field :
        List.of(
            "name",
            "namespace",
            "generateName",
            "uid",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "generation",
            "resourceVersion")) {
      if (old.has(field)) {
        metadata.set(field, old.get(field));
      } else {
        metadata.remove(field);
      }
    }
    next.put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
    return next;
  }

  private void finish(Kind kind, ObjectNode live, ObjectNode next) {
    boolean service = kind.kind().equals("Service") && kind.type() != null;
    if (service) {
      addresses.keep(live, next);
    }
    admission.admit(kind, next, live);
    addresses.assign(kind, next);
    if (kind.counted() && !content(live).equals(content(next))) {
      long generation = Json.at(live, "metadata", "generation").asLong(1);
      ((ObjectNode) next.get("metadata")).set("generation", Json.number(generation + 1));
    }
  }

  private static ObjectNode content(ObjectNode object) {
    ObjectNode copy = object.objectNode();
    copy.setAll(object);
    copy.remove(Set.of("metadata", "status", "apiVersion"));
    return copy;
  }

  private ObjectNode commit(Kind kind, ObjectNode live, ObjectNode next, Write write) {
    if (live != null && live.equals(next) || write.dryRun()) {
      return next;
    }
    boolean deleting = Json.at(next, "metadata").has("deletionTimestamp");
    if (deleting && live != null && collector.complete(kind, next)) {
      collector.remove(kind, next);
      return next;
    }
    ObjectNode stored = db.put(kind.resource(), next);
    if (kind.kind().equals("CustomResourceDefinition")) {
      kinds.define(stored);
    }
    if (kind.kind().equals("Event") && live == null) {
      collector.expireEvents(kind);
    }
    return stored;
  }

  /** Deletes; see {@link Collector#delete}. Returns the object as the client should see it. */
  public ObjectNode delete(Kind kind, String namespace, String name, Deletion how) {
    synchronized (db) {
      return collector.delete(kind, get(kind, namespace, name), how);
    }
  }
}
