package io.aetherflow.local.schema;

import static io.aetherflow.local.schema.Json.child;
import static io.aetherflow.local.schema.Json.defaultTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The API server's defaults of built-in kinds that clients compare against or rely on. */
public final class BuiltinDefaults {
  private BuiltinDefaults() {}

  /** Fills in defaults in place. */
  public static void apply(String kind, ObjectNode object) {
    ObjectNode spec = object.get("spec") instanceof ObjectNode present ? present : null;
    if (spec == null) {
      return;
    }
    switch (kind) {
      case "Pod" -> pod(spec);
      case "Deployment" -> deployment(spec);
      case "StatefulSet" -> statefulSet(spec);
      case "ReplicaSet" -> {
        defaultTo(spec, "replicas", 1);
        template(spec);
      }
      case "Service" -> service(spec);
      case "PersistentVolumeClaim" -> defaultTo(spec, "volumeMode", "Filesystem");
      case "HorizontalPodAutoscaler" -> defaultTo(spec, "minReplicas", 1);
      case "NetworkPolicy" -> networkPolicy(spec);
      default -> {}
    }
  }

  private static void template(ObjectNode spec) {
    if (Json.at(spec, "template", "spec") instanceof ObjectNode pod) {
      pod(pod);
    }
  }

  private static void deployment(ObjectNode spec) {
    defaultTo(spec, "replicas", 1);
    defaultTo(spec, "revisionHistoryLimit", 10);
    defaultTo(spec, "progressDeadlineSeconds", 600);
    ObjectNode strategy = child(spec, "strategy");
    defaultTo(strategy, "type", "RollingUpdate");
    if (Json.text(strategy, "type").equals("RollingUpdate")) {
      ObjectNode rolling = child(strategy, "rollingUpdate");
      defaultTo(rolling, "maxSurge", "25%");
      defaultTo(rolling, "maxUnavailable", "25%");
    }
    template(spec);
  }

  private static void statefulSet(ObjectNode spec) {
    defaultTo(spec, "replicas", 1);
    defaultTo(spec, "revisionHistoryLimit", 10);
    defaultTo(spec, "podManagementPolicy", "OrderedReady");
    ObjectNode strategy = child(spec, "updateStrategy");
    defaultTo(strategy, "type", "RollingUpdate");
    if (Json.text(strategy, "type").equals("RollingUpdate")) {
      defaultTo(child(strategy, "rollingUpdate"), "partition", 0);
    }
    ObjectNode retention = child(spec, "persistentVolumeClaimRetentionPolicy");
    defaultTo(retention, "whenDeleted", "Retain");
    defaultTo(retention, "whenScaled", "Retain");
    for (JsonNode claim : spec.path("volumeClaimTemplates")) {
      ((ObjectNode) claim).put("apiVersion", "v1").put("kind", "PersistentVolumeClaim");
      defaultTo(child((ObjectNode) claim, "spec"), "volumeMode", "Filesystem");
      child((ObjectNode) claim, "status").put("phase", "Pending");
    }
    template(spec);
  }

  private static void service(ObjectNode spec) {
    defaultTo(spec, "type", "ClusterIP");
    defaultTo(spec, "sessionAffinity", "None");
    defaultTo(spec, "internalTrafficPolicy", "Cluster");
    if (Json.text(spec, "type").equals("LoadBalancer")) {
      defaultTo(spec, "externalTrafficPolicy", "Cluster");
      if (!spec.has("allocateLoadBalancerNodePorts")) {
        spec.put("allocateLoadBalancerNodePorts", true);
      }
    }
    for (JsonNode port : spec.path("ports")) {
      defaultTo((ObjectNode) port, "protocol", "TCP");
      if (!port.has("targetPort")) {
        ((ObjectNode) port).set("targetPort", port.path("port"));
      }
    }
  }

  private static void networkPolicy(ObjectNode spec) {
    if (!spec.has("policyTypes")) {
      var types = spec.putArray("policyTypes").add("Ingress");
      if (spec.has("egress")) {
        types.add("Egress");
      }
    }
    for (String direction : List.of("ingress", "egress")) {
      for (JsonNode rule : spec.path(direction)) {
        rule.path("ports").forEach(port -> defaultTo((ObjectNode) port, "protocol", "TCP"));
      }
    }
  }

  private static void pod(ObjectNode spec) {
    defaultTo(spec, "restartPolicy", "Always");
    defaultTo(spec, "dnsPolicy", "ClusterFirst");
    defaultTo(spec, "schedulerName", "default-scheduler");
    defaultTo(spec, "terminationGracePeriodSeconds", 30);
    child(spec, "securityContext");
    if (spec.hasNonNull("serviceAccountName")) {
      spec.set("serviceAccount", spec.get("serviceAccountName"));
    }
    for (String list : List.of("containers", "initContainers")) {
      spec.path(list).forEach(container -> container((ObjectNode) container));
    }
    spec.path("volumes").forEach(volume -> volume((ObjectNode) volume));
  }

  private static void container(ObjectNode container) {
    defaultTo(container, "terminationMessagePath", "/dev/termination-log");
    defaultTo(container, "terminationMessagePolicy", "File");
    child(container, "resources");
    String image = Json.text(container, "image");
    boolean latest = image.endsWith(":latest") || image.lastIndexOf(':') <= image.lastIndexOf('/');
    defaultTo(container, "imagePullPolicy", latest ? "Always" : "IfNotPresent");
    container.path("ports").forEach(port -> defaultTo((ObjectNode) port, "protocol", "TCP"));
    for (String name : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
      if (container.get(name) instanceof ObjectNode probe) {
        probe(probe);
      }
    }
    for (JsonNode variable : container.path("env")) {
      if (Json.at(variable, "valueFrom", "fieldRef") instanceof ObjectNode reference) {
        defaultTo(reference, "apiVersion", "v1");
      }
    }
  }

  private static void probe(ObjectNode probe) {
    defaultTo(probe, "timeoutSeconds", 1);
    defaultTo(probe, "periodSeconds", 10);
    defaultTo(probe, "successThreshold", 1);
    defaultTo(probe, "failureThreshold", 3);
    if (probe.get("httpGet") instanceof ObjectNode get) {
      defaultTo(get, "scheme", "HTTP");
      defaultTo(get, "path", "/");
    }
  }

  private static void volume(ObjectNode volume) {
    for (String source : List.of("configMap", "secret", "projected", "downwardAPI")) {
      if (volume.get(source) instanceof ObjectNode present) {
        defaultTo(present, "defaultMode", 420);
      }
    }
  }
}
