package io.aetherflow.local.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.server.Tables.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Printer columns of built-in kinds, after the name. */
final class Columns {
  private final Tables tables;

  Columns(Tables tables) {
    this.tables = tables;
  }

  List<Column> of(String kind) {
    List<Column> columns = new ArrayList<>(specific(kind));
    if (!kind.equals("Event")) {
      columns.add(position(kind, columns), tables.age());
    }
    return columns;
  }

  /** Age stands before the wide columns. */
  private static int position(String kind, List<Column> columns) {
    int at = 0;
    while (at < columns.size() && columns.get(at).priority() == 0) {
      at++;
    }
    return at;
  }

  private List<Column> specific(String kind) {
    return switch (kind) {
      case "Pod" ->
          List.of(
              text("Ready", Columns::readyContainers),
              text("Status", Columns::podStatus),
              number("Restarts", Columns::restarts),
              wide("IP", o -> or(Json.text(o, "status", "podIP"), "<none>")),
              wide("Node", o -> or(Json.text(o, "spec", "nodeName"), "<none>")));
      case "Deployment" ->
          List.of(
              text("Ready", o -> count(o, "readyReplicas") + "/" + wanted(o)),
              number("Up-to-date", o -> count(o, "updatedReplicas")),
              number("Available", o -> count(o, "availableReplicas")),
              wide("Images", o -> images(o)));
      case "StatefulSet" ->
          List.of(
              text("Ready", o -> count(o, "readyReplicas") + "/" + wanted(o)),
              wide("Images", o -> images(o)));
      case "ReplicaSet" ->
          List.of(
              number("Desired", Columns::wanted),
              number("Current", o -> count(o, "replicas")),
              number("Ready", o -> count(o, "readyReplicas")));
      case "Service" ->
          List.of(
              field("Type", "spec", "type"),
              field("Cluster-IP", "spec", "clusterIP"),
              text("External-IP", Columns::externalAddress),
              text("Port(s)", Columns::ports));
      case "Event" ->
          List.of(
              text("Last Seen", o -> tables.since(lastSeen(o))),
              field("Type", "type"),
              field("Reason", "reason"),
              text("Object", Columns::involved),
              field("Message", "message"));
      case "ConfigMap" -> List.of(number("Data", o -> o.path("data").size()));
      case "Secret" -> List.of(field("Type", "type"), number("Data", o -> o.path("data").size()));
      case "Namespace" -> List.of(field("Status", "status", "phase"));
      case "Node" ->
          List.of(
              text("Status", Columns::nodeStatus),
              field("Version", "status", "nodeInfo", "kubeletVersion"));
      case "PersistentVolumeClaim" ->
          List.of(
              field("Status", "status", "phase"),
              field("Volume", "spec", "volumeName"),
              field("Capacity", "status", "capacity", "storage"),
              text("Access Modes", o -> join(Json.at(o, "spec", "accessModes"))),
              field("StorageClass", "spec", "storageClassName"));
      case "Lease" -> List.of(field("Holder", "spec", "holderIdentity"));
      case "HorizontalPodAutoscaler" ->
          List.of(
              text("Reference", Columns::target),
              number("MinPods", o -> Json.at(o, "spec", "minReplicas").asInt()),
              number("MaxPods", o -> Json.at(o, "spec", "maxReplicas").asInt()),
              number("Replicas", o -> Json.at(o, "status", "currentReplicas").asInt()));
      case "PodDisruptionBudget" ->
          List.of(
              text("Min Available", o -> or(Json.text(o, "spec", "minAvailable"), "N/A")),
              text("Max Unavailable", o -> or(Json.text(o, "spec", "maxUnavailable"), "N/A")),
              number(
                  "Allowed Disruptions", o -> Json.at(o, "status", "disruptionsAllowed").asInt()));
      default -> List.of();
    };
  }

  private static Column text(String name, Function<ObjectNode, String> cell) {
    return new Column(name, "string", 0, o -> TextNode.valueOf(cell.apply(o)));
  }

  private static Column wide(String name, Function<ObjectNode, String> cell) {
    return new Column(name, "string", 1, o -> TextNode.valueOf(cell.apply(o)));
  }

  private static Column number(String name, Function<ObjectNode, Integer> cell) {
    return new Column(name, "integer", 0, o -> IntNode.valueOf(cell.apply(o)));
  }

  private static Column field(String name, String... path) {
    return text(name, o -> Json.text(o, path));
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static int count(ObjectNode object, String field) {
    return Json.at(object, "status", field).asInt();
  }

  private static int wanted(ObjectNode object) {
    return Json.at(object, "spec", "replicas").asInt(1);
  }

  private static String images(ObjectNode object) {
    List<String> images = new ArrayList<>();
    for (JsonNode c : Json.at(object, "spec", "template", "spec", "containers")) {
      images.add(Json.text(c, "image"));
    }
    return String.join(",", images);
  }

  private static String join(JsonNode array) {
    List<String> parts = new ArrayList<>();
    array.forEach(item -> parts.add(item.asText()));
    return String.join(",", parts);
  }

  private static String readyContainers(ObjectNode pod) {
    int ready = 0;
    for (JsonNode status : Json.at(pod, "status", "containerStatuses")) {
      ready += status.path("ready").asBoolean() ? 1 : 0;
    }
    return ready + "/" + Json.at(pod, "spec", "containers").size();
  }

  private static int restarts(ObjectNode pod) {
    int restarts = 0;
    for (JsonNode status : Json.at(pod, "status", "containerStatuses")) {
      restarts += status.path("restartCount").asInt();
    }
    return restarts;
  }

  private static String podStatus(ObjectNode pod) {
    if (Json.at(pod, "metadata").has("deletionTimestamp")) {
      return "Terminating";
    }
    String status = or(Json.text(pod, "status", "reason"), Json.text(pod, "status", "phase"));
    for (JsonNode container : Json.at(pod, "status", "containerStatuses")) {
      String waiting = Json.text(container, "state", "waiting", "reason");
      String terminated = Json.text(container, "state", "terminated", "reason");
      status = or(waiting, or(terminated, status));
    }
    return status;
  }

  private static String externalAddress(ObjectNode service) {
    if (!Json.text(service, "spec", "type").equals("LoadBalancer")) {
      return "<none>";
    }
    List<String> addresses = new ArrayList<>();
    for (JsonNode ingress : Json.at(service, "status", "loadBalancer", "ingress")) {
      addresses.add(or(Json.text(ingress, "ip"), Json.text(ingress, "hostname")));
    }
    return addresses.isEmpty() ? "<pending>" : String.join(",", addresses);
  }

  private static String ports(ObjectNode service) {
    List<String> ports = new ArrayList<>();
    for (JsonNode port : Json.at(service, "spec", "ports")) {
      ports.add(Json.text(port, "port") + "/" + Json.text(port, "protocol"));
    }
    return ports.isEmpty() ? "<none>" : String.join(",", ports);
  }

  private static String lastSeen(ObjectNode event) {
    String last = Json.text(event, "lastTimestamp");
    String series = or(Json.text(event, "series", "lastObservedTime"), last);
    return or(
        series,
        or(Json.text(event, "eventTime"), Json.text(event, "metadata", "creationTimestamp")));
  }

  private static String involved(ObjectNode event) {
    String kind = Json.text(event, "involvedObject", "kind");
    return kind.toLowerCase(java.util.Locale.ROOT)
        + "/"
        + Json.text(event, "involvedObject", "name");
  }

  private static String nodeStatus(ObjectNode node) {
    for (JsonNode condition : Json.at(node, "status", "conditions")) {
      if (Json.text(condition, "type").equals("Ready")) {
        return Json.text(condition, "status").equals("True") ? "Ready" : "NotReady";
      }
    }
    return "Unknown";
  }

  private static String target(ObjectNode autoscaler) {
    JsonNode target = Json.at(autoscaler, "spec", "scaleTargetRef");
    return Json.text(target, "kind") + "/" + Json.text(target, "name");
  }
}
