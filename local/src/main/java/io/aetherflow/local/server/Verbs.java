package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.schema.Patches;
import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Db;
import io.aetherflow.local.store.Deletion;
import io.aetherflow.local.store.Errors;
import io.aetherflow.local.store.Kind;
import io.aetherflow.local.store.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Answers get, list, create, update, patch and delete on resources. */
final class Verbs {
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Resources resources;
  private final Tables tables;
  private final OwnerRights ownerRights;
  private final GrantRights grantRights;
  private final Evictions evictions;

  Verbs(Resources resources, Tables tables, Rbac rbac) {
    this.resources = resources;
    this.tables = tables;
    this.ownerRights = new OwnerRights(resources, rbac);
    this.grantRights = new GrantRights(resources.db(), rbac);
    this.evictions = new Evictions(resources);
  }

  /** What goes back: the HTTP code and the body. */
  record Answer(int code, JsonNode body) {}

  Answer handle(Call call) {
    String subresource = call.subresource();
    if (call.resource().equals("pods/eviction") && call.verb().equals("create")) {
      return evict(call);
    }
    if (!subresource.isEmpty() && !subresource.equals("scale") && !subresource.equals("status")) {
      throw Errors.noSuchResource();
    }
    return switch (call.verb()) {
      case "get" -> one(call, 200, resources.get(call.kind(), call.namespace(), call.name()));
      case "list" -> new Answer(200, list(call));
      case "create" -> one(call, 201, create(call));
      case "update" -> one(call, 200, update(call));
      case "patch" -> one(call, 200, patch(call));
      case "delete" -> delete(call);
      case "deletecollection" -> deleteCollection(call);
      default -> throw Errors.of(405, "MethodNotAllowed", call.method() + " is not served here");
    };
  }

  private Answer one(Call call, int code, ObjectNode object) {
    if (call.subresource().equals("scale")) {
      return new Answer(code, Scales.of(call.kind(), object));
    }
    return new Answer(
        code, call.table() ? tables.table(call.kind(), List.of(object), "", call) : object);
  }

  static JsonNode read(Call call) {
    try {
      byte[] bytes = call.body().getBytes();
      boolean yaml = call.header("Content-Type").contains("yaml");
      JsonNode body = yaml ? YAML.readTree(bytes) : Json.MAPPER.readTree(bytes);
      // YAML numbers and JSON numbers must become the same nodes.
      return yaml ? Json.MAPPER.readTree(Json.bytes(body)) : body;
    } catch (IOException e) {
      throw Errors.badRequest("the body is not valid JSON or YAML: " + e.getMessage());
    }
  }

  private static ObjectNode object(Call call) {
    if (read(call) instanceof ObjectNode object) {
      return object;
    }
    throw Errors.badRequest("the body must be a " + call.kind().kind() + " object");
  }

  private ObjectNode create(Call call) {
    ObjectNode body = object(call);
    checkKind(call.kind(), body);
    checkRights(call, body);
    return resources.create(call.kind(), call.namespace(), body, call.write());
  }

  /** Beyond the verb: what the object as it is to be asks of its writer. */
  private void checkRights(Call call, JsonNode object) {
    ownerRights.check(call, object);
    grantRights.check(call, object);
  }

  private static void checkKind(Kind kind, ObjectNode body) {
    String apiVersion = Json.text(body, "apiVersion");
    String name = Json.text(body, "kind");
    boolean other =
        !apiVersion.isEmpty() && !apiVersion.equals(kind.apiVersion())
            || !name.isEmpty() && !name.equals(kind.kind());
    if (other) {
      throw Errors.badRequest(
          "the object is a "
              + apiVersion
              + " "
              + name
              + ", but the request is about "
              + kind.apiVersion()
              + " "
              + kind.kind());
    }
  }

  private ObjectNode update(Call call) {
    ObjectNode body = object(call);
    if (call.subresource().equals("scale")) {
      return scale(call, live -> body);
    }
    checkKind(call.kind(), body);
    String name = Json.text(body, "metadata", "name");
    if (!name.equals(call.name())) {
      throw Errors.badRequest(
          "the name of the object ("
              + name
              + ") does not match the name on the URL ("
              + call.name()
              + ")");
    }
    checkRights(call, body);
    return resources.update(call.kind(), call.namespace(), call.name(), call.write(), live -> body);
  }

  private interface ScaleChange {
    JsonNode of(ObjectNode liveScale);
  }

  private ObjectNode scale(Call call, ScaleChange change) {
    Kind kind = call.kind();
    return resources.update(
        kind,
        call.namespace(),
        call.name(),
        call.write(),
        live -> Scales.set(kind, live, change.of(Scales.of(kind, live))));
  }

  private ObjectNode patch(Call call) {
    JsonNode body = read(call);
    String type = call.header("Content-Type").replaceFirst(";.*", "").strip();
    if (type.equals("application/apply-patch+yaml")) {
      ObjectNode config = object(call);
      checkKind(call.kind(), config);
      checkRights(call, config);
      return resources.apply(
          call.kind(), call.namespace(), call.name(), config, call.flag("force"), call.write());
    }
    if (call.subresource().equals("scale")) {
      return scale(call, live -> patched(call, type, live, body));
    }
    return resources.update(
        call.kind(),
        call.namespace(),
        call.name(),
        call.write(),
        live -> {
          ObjectNode next = (ObjectNode) patched(call, type, live, body);
          checkRights(call, next);
          return next;
        });
  }

  private static JsonNode patched(Call call, String type, ObjectNode live, JsonNode patch) {
    try {
      return switch (type) {
        case "application/merge-patch+json" -> Patches.merge(live, patch);
        case "application/json-patch+json" -> Patches.json(live, patch);
        case "application/strategic-merge-patch+json" -> {
          if (call.kind().custom() != null) {
            throw unsupported(type);
          }
          yield Patches.strategic(live, patch, call.kind().shape());
        }
        default -> throw unsupported(type);
      };
    } catch (IllegalArgumentException e) {
      throw Errors.of(
          422,
          "Invalid",
          "the server rejected our request due to an error in our request: " + e.getMessage());
    }
  }

  private static ApiException unsupported(String type) {
    return Errors.of(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - " + type + " is not accepted here");
  }

  private Answer delete(Call call) {
    ObjectNode gone = resources.delete(call.kind(), call.namespace(), call.name(), deletion(call));
    boolean still = Json.at(gone, "metadata").has("deletionTimestamp");
    if (still) {
      return new Answer(200, gone);
    }
    ObjectNode status = success();
    status.putObject("metadata");
    status
        .putObject("details")
        .put("name", call.name())
        .put("group", call.kind().group())
        .put("kind", call.kind().plural())
        .put("uid", Json.text(gone, "metadata", "uid"));
    return new Answer(200, status);
  }

  private static ObjectNode success() {
    return Json.object().put("apiVersion", "v1").put("kind", "Status").put("status", "Success");
  }

  private Answer evict(Call call) {
    JsonNode options = Json.at(object(call), "deleteOptions");
    evictions.evict(call.kind(), call.namespace(), call.name(), deletion(call, options));
    return new Answer(201, success());
  }

  private static Deletion deletion(Call call) {
    return deletion(call, call.body().length() == 0 ? Json.object() : read(call));
  }

  private static Deletion deletion(Call call, JsonNode options) {
    String wanted = Json.text(options, "propagationPolicy");
    String policy = wanted.isEmpty() ? call.parameter("propagationPolicy") : wanted;
    String grace = call.parameter("gracePeriodSeconds");
    Deletion.Propagation propagation =
        switch (policy) {
          case "Foreground" -> Deletion.Propagation.FOREGROUND;
          case "Orphan" -> Deletion.Propagation.ORPHAN;
          default -> Deletion.Propagation.BACKGROUND;
        };
    return new Deletion(
        propagation,
        options.path("gracePeriodSeconds").asLong(grace.isEmpty() ? -1 : Long.parseLong(grace)),
        Json.text(options, "preconditions", "uid"),
        Json.text(options, "preconditions", "resourceVersion"),
        options.has("dryRun") || !call.parameter("dryRun").isEmpty());
  }

  private Answer deleteCollection(Call call) {
    Predicate<ObjectNode> selector =
        Selectors.of(call.parameter("labelSelector"), call.parameter("fieldSelector"));
    Deletion how = deletion(call);
    for (ObjectNode object :
        resources.db().list(call.kind().resource(), call.namespace()).items()) {
      if (selector.test(object)) {
        String name = Json.text(object, "metadata", "name");
        deleteQuietly(call.kind(), Json.text(object, "metadata", "namespace"), name, how);
      }
    }
    return new Answer(200, success());
  }

  /** An earlier deletion of the collection may have taken this one along. */
  private void deleteQuietly(Kind kind, String namespace, String name, Deletion how) {
    try {
      resources.delete(kind, namespace, name, how);
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  /** A list, or a page of it: the continue token is the position of the next page. */
  private JsonNode list(Call call) {
    Predicate<ObjectNode> selector =
        Selectors.of(call.parameter("labelSelector"), call.parameter("fieldSelector"));
    Db.Listing listing = resources.db().list(call.kind().resource(), call.namespace());
    List<ObjectNode> items = new ArrayList<>();
    for (ObjectNode object : listing.items()) {
      if (selector.test(object)) {
        items.add(Resources.served(call.kind(), object));
      }
    }
    String revision = Long.toString(listing.revision());
    ObjectNode metadata = Json.object().put("resourceVersion", revision);
    items = page(call, items, metadata);
    if (call.table()) {
      ObjectNode table = tables.table(call.kind(), items, revision, call);
      table.set("metadata", metadata);
      return table;
    }
    ObjectNode list =
        Json.object()
            .put("apiVersion", call.kind().apiVersion())
            .put("kind", call.kind().kind() + "List");
    list.set("metadata", metadata);
    ArrayNode array = list.putArray("items");
    items.forEach(array::add);
    return list;
  }

  private static List<ObjectNode> page(Call call, List<ObjectNode> items, ObjectNode metadata) {
    int from = number(call.parameter("continue"));
    int limit = number(call.parameter("limit"));
    int start = Math.min(from, items.size());
    int end = limit <= 0 ? items.size() : Math.min(items.size(), start + limit);
    if (end < items.size()) {
      metadata.put("continue", Integer.toString(end));
      metadata.put("remainingItemCount", items.size() - end);
    }
    return items.subList(start, end);
  }

  private static int number(String text) {
    try {
      return text.isEmpty() ? 0 : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw Errors.badRequest("limit or continue is not a number: " + text);
    }
  }
}
