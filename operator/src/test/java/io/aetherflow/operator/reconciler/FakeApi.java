package io.aetherflow.operator.reconciler;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Kubernetes API in memory: any kind, list, watch, get, create, replace, apply, delete, status
 * subresource, label selectors; claim templates of StatefulSets are immutable. No schemas, no
 * controllers. (fabric8's own fake needs Vert.x 4, jetcd needs 5.)
 */
final class FakeApi implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern ROUTE =
      Pattern.compile(
          "(/api/v1|/apis/[^/]+/[^/]+)(?:/namespaces/([^/]+))?/([^/]+)(?:/([^/]+))?(/status)?");

  private static final String CLAIM_TEMPLATES = "/spec/volumeClaimTemplates";

  private record Subscription(
      String collection, String selector, BlockingQueue<ObjectNode> events) {}

  private final HttpServer server;
  private final Map<String, ObjectNode> objects = new TreeMap<>();
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final Map<String, ObjectNode> served = new ConcurrentHashMap<>();
  private long version;

  /** Every request to write, also a refused one, as {@code METHOD path}. */
  final List<String> writes = new CopyOnWriteArrayList<>();

  /** Path and propagation policy of each deletion. */
  private final List<String> deletions = new CopyOnWriteArrayList<>();

  FakeApi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  /** Makes discovery tell of these kinds; they are namespaced. */
  void serve(String apiVersion, List<String> kinds) {
    ObjectNode list =
        JSON.createObjectNode().put("kind", "APIResourceList").put("apiVersion", "v1");
    list.put("groupVersion", apiVersion);
    for (String kind : kinds) {
      list.withArray("resources")
          .addObject()
          .put("name", kind.toLowerCase(Locale.ROOT) + "s")
          .put("singularName", kind.toLowerCase(Locale.ROOT))
          .put("namespaced", true)
          .put("kind", kind);
    }
    served.put("/apis/" + apiVersion, list);
  }

  /** Refuses every request for this path. */
  void forbid(String path) {
    refuse(path, 403);
  }

  /** Answers with this status from now on, whatever is asked of the path. */
  void refuse(String path, int status) {
    served.put(path, error(status));
  }

  /** Takes {@link #refuse} back. */
  void allow(String path) {
    served.remove(path);
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    Matcher route = ROUTE.matcher(exchange.getRequestURI().getPath());
    if (!exchange.getRequestMethod().equals("GET")) {
      writes.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
    }
    try (exchange) {
      if (served.containsKey(exchange.getRequestURI().getPath())) {
        ObjectNode fixed = served.get(exchange.getRequestURI().getPath());
        send(exchange, fixed.path("code").asInt(200), fixed);
      } else if (!route.matches()) {
        send(exchange, 404, error(404));
      } else if (query.containsKey("watch")) {
        watch(exchange, route.group(1) + "/" + route.group(3), query);
      } else {
        answer(exchange, route, query);
      }
    }
  }

  private void answer(HttpExchange exchange, Matcher route, Map<String, String> query)
      throws IOException {
    String collection = route.group(1) + "/" + route.group(3);
    byte[] body = exchange.getRequestBody().readAllBytes();
    ObjectNode given = body.length == 0 ? null : JSON.readValue(body, ObjectNode.class);
    String name =
        route.group(4) != null || given == null
            ? route.group(4)
            : given.at("/metadata/name").asText();
    if (name == null) {
      send(exchange, 200, list(collection, query.get("labelSelector")));
      return;
    }
    String key = collection + "|" + route.group(2) + "|" + name;
    ObjectNode result =
        switch (exchange.getRequestMethod()) {
          case "GET" -> get(key);
          case "POST" -> create(key, collection, given);
          case "PUT" -> replace(key, collection, given);
          case "PATCH" -> apply(key, collection, given, route.group(5) != null, query);
          case "DELETE" -> {
            String how = given == null ? "" : given.path("propagationPolicy").asText();
            deletions.add(exchange.getRequestURI().getPath() + " " + how);
            yield delete(key, collection);
          }
          default -> error(405);
        };
    send(
        exchange,
        result.path("kind").asText().equals("Status") ? result.get("code").asInt() : 200,
        result);
  }

  private synchronized ObjectNode get(String key) {
    return objects.getOrDefault(key, error(404));
  }

  private synchronized ObjectNode list(String collection, String selector) {
    ObjectNode list = JSON.createObjectNode().put("kind", "List").put("apiVersion", "v1");
    list.putObject("metadata").put("resourceVersion", Long.toString(version));
    var items = list.putArray("items");
    objects.forEach((key, object) -> {
      if (key.startsWith(collection + "|") && selected(object, selector)) {
        items.add(object);
      }
    });
    return list;
  }

  private synchronized ObjectNode create(String key, String collection, ObjectNode given) {
    if (objects.containsKey(key)) {
      return error(409);
    }
    ObjectNode metadata = (ObjectNode) given.get("metadata");
    metadata.put("generation", 1);
    metadata.put("uid", UUID.randomUUID().toString());
    return store(key, collection, given, "ADDED");
  }

  private synchronized ObjectNode replace(String key, String collection, ObjectNode given) {
    ObjectNode before = objects.get(key);
    if (before == null) {
      return error(404);
    }
    return changed(key, collection, before, given);
  }

  private synchronized ObjectNode apply(
      String key, String collection, ObjectNode given, boolean status, Map<String, String> query) {
    ObjectNode before = objects.get(key);
    if (before == null) {
      ServerSideApply.own(given, given.deepCopy(), query.get("fieldManager"));
      return create(key, collection, given);
    }
    ObjectNode after = before.deepCopy();
    if (status) {
      after.set("status", given.get("status"));
    } else {
      ServerSideApply.merge(after, given);
      if (query.containsKey("fieldManager")) {
        ServerSideApply.own(after, given, query.get("fieldManager"));
      }
    }
    return changed(key, collection, before, after);
  }

  private ObjectNode changed(String key, String collection, ObjectNode before, ObjectNode after) {
    ObjectNode metadata = (ObjectNode) after.get("metadata");
    metadata.set("resourceVersion", before.at("/metadata/resourceVersion"));
    metadata.set("generation", before.at("/metadata/generation"));
    if (after.equals(before)) {
      return before;
    }
    if (!after.at(CLAIM_TEMPLATES).equals(before.at(CLAIM_TEMPLATES))) {
      return error(422);
    }
    if (!after.path("spec").equals(before.path("spec"))) {
      metadata.put("generation", before.at("/metadata/generation").asLong() + 1);
    }
    return store(key, collection, after, "MODIFIED");
  }

  private ObjectNode store(String key, String collection, ObjectNode object, String type) {
    ((ObjectNode) object.get("metadata")).put("resourceVersion", Long.toString(++version));
    objects.put(key, object);
    publish(collection, type, object);
    return object;
  }

  private synchronized ObjectNode delete(String key, String collection) {
    ObjectNode gone = objects.remove(key);
    if (gone == null) {
      return error(404);
    }
    publish(collection, "DELETED", gone);
    return gone;
  }

  private void publish(String collection, String type, ObjectNode object) {
    for (Subscription subscription : subscriptions) {
      if (subscription.collection.equals(collection) && selected(object, subscription.selector)) {
        ObjectNode event = JSON.createObjectNode().put("type", type);
        event.set("object", object.deepCopy());
        subscription.events.add(event);
      }
    }
  }

  private void watch(HttpExchange exchange, String collection, Map<String, String> query)
      throws IOException {
    Subscription mine =
        new Subscription(collection, query.get("labelSelector"), new LinkedBlockingQueue<>());
    long since = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
    synchronized (this) {
      objects.forEach((key, object) -> {
        if (key.startsWith(collection + "|")
            && object.at("/metadata/resourceVersion").asLong() > since
            && selected(object, mine.selector)) {
          mine.events.add(
              JSON.createObjectNode().put("type", "ADDED").set("object", object.deepCopy()));
        }
      });
      subscriptions.add(mine);
    }
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    try {
      while (true) {
        exchange.getResponseBody().write((mine.events.take() + "\n").getBytes(UTF_8));
        exchange.getResponseBody().flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      subscriptions.remove(mine);
    }
  }

  private static boolean selected(ObjectNode object, String selector) {
    if (selector == null || selector.isEmpty()) {
      return true;
    }
    for (String requirement : selector.split(",")) {
      String[] parts = requirement.split("=", 2);
      var label = object.path("metadata").path("labels").get(parts[0]);
      if (label == null || parts.length == 2 && !label.asText().equals(parts[1])) {
        return false;
      }
    }
    return true;
  }

  private static ObjectNode error(int code) {
    return JSON.createObjectNode()
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("status", "Failure")
        .put("code", code);
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new HashMap<>();
    for (String pair : raw == null ? List.<String>of() : List.of(raw.split("&"))) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], parts.length == 1 ? "" : URLDecoder.decode(parts[1], UTF_8));
    }
    if ("false".equals(query.get("watch"))) {
      query.remove("watch");
    }
    return query;
  }

  private static void send(HttpExchange exchange, int code, ObjectNode body) throws IOException {
    byte[] bytes = body.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** How often this was asked for, whatever the answer. */
  long count(String write) {
    return writes.stream().filter(write::equals).count();
  }

  /** How objects whose path ends so were deleted. */
  List<String> deletions(String path) {
    return deletions.stream()
        .map(each -> each.split(" ", 2))
        .filter(each -> each[0].endsWith("/" + path))
        .map(each -> each[1])
        .toList();
  }

  /** Paths of the objects there are, for messages. */
  synchronized List<String> keys() {
    return new ArrayList<>(objects.keySet());
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
