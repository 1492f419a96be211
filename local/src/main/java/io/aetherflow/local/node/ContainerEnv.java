package io.aetherflow.local.node;

import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A container's environment from its spec, ConfigMaps, Secrets and the pod's own fields. */
final class ContainerEnv {
  private final Objects objects;
  private final Pod pod;
  private final String podIp;
  private final String hostIp;

  ContainerEnv(Objects objects, Pod pod, String podIp, String hostIp) {
    this.objects = objects;
    this.pod = pod;
    this.podIp = podIp;
    this.hostIp = hostIp;
  }

  /**
   * @throws ConfigProblem when a ConfigMap, Secret or key that is not optional is missing
   */
  Map<String, String> of(Container container) throws ConfigProblem {
    Map<String, String> env = new LinkedHashMap<>();
    for (EnvFromSource from : container.getEnvFrom()) {
      addAll(env, from);
    }
    for (EnvVar each : container.getEnv()) {
      Optional<String> value =
          each.getValueFrom() == null
              ? Optional.of(Expansion.expand(each.getValue() == null ? "" : each.getValue(), env))
              : from(each.getName(), each.getValueFrom());
      value.ifPresent(text -> env.put(each.getName(), text));
    }
    return env;
  }

  private void addAll(Map<String, String> env, EnvFromSource from) throws ConfigProblem {
    String prefix = from.getPrefix() == null ? "" : from.getPrefix();
    Map<String, String> found = Map.of();
    if (from.getConfigMapRef() != null) {
      boolean optional = Boolean.TRUE.equals(from.getConfigMapRef().getOptional());
      found = configMap(from.getConfigMapRef().getName(), optional);
    } else if (from.getSecretRef() != null) {
      boolean optional = Boolean.TRUE.equals(from.getSecretRef().getOptional());
      found = secret(from.getSecretRef().getName(), optional);
    }
    found.forEach((key, value) -> env.put(prefix + key, value));
  }

  private Optional<String> from(String variable, EnvVarSource source) throws ConfigProblem {
    if (source.getFieldRef() != null) {
      return Optional.of(field(variable, source.getFieldRef().getFieldPath()));
    }
    if (source.getConfigMapKeyRef() != null) {
      var ref = source.getConfigMapKeyRef();
      boolean optional = Boolean.TRUE.equals(ref.getOptional());
      Map<String, String> data = configMap(ref.getName(), optional);
      return key(data, "ConfigMap", ref.getName(), ref.getKey(), optional);
    }
    if (source.getSecretKeyRef() != null) {
      var ref = source.getSecretKeyRef();
      boolean optional = Boolean.TRUE.equals(ref.getOptional());
      Map<String, String> data = secret(ref.getName(), optional);
      return key(data, "Secret", ref.getName(), ref.getKey(), optional);
    }
    throw new ConfigProblem(
        "variable " + variable + " has a source that the local node does not know");
  }

  private Optional<String> key(
      Map<String, String> data, String kind, String name, String key, boolean optional)
      throws ConfigProblem {
    String value = data.get(key);
    if (value == null && !optional) {
      throw new ConfigProblem(
          "couldn't find key " + key + " in " + kind + " " + namespace() + "/" + name);
    }
    return Optional.ofNullable(value);
  }

  private Map<String, String> configMap(String name, boolean optional) throws ConfigProblem {
    Optional<ConfigMap> found = objects.find(ConfigMap.class, namespace(), name);
    if (found.isEmpty() && !optional) {
      throw new ConfigProblem("configmap \"" + name + "\" not found");
    }
    return found.map(ConfigMap::getData).filter(data -> data != null).orElse(Map.of());
  }

  private Map<String, String> secret(String name, boolean optional) throws ConfigProblem {
    Optional<Secret> found = objects.find(Secret.class, namespace(), name);
    if (found.isEmpty() && !optional) {
      throw new ConfigProblem("secret \"" + name + "\" not found");
    }
    Map<String, String> values = new TreeMap<>();
    found
        .map(Secret::getData)
        .filter(data -> data != null)
        .ifPresent(data ->
            data.forEach((key, value) ->
                values.put(
                    key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))));
    return values;
  }

  private String field(String variable, String path) throws ConfigProblem {
    return switch (path) {
      case "metadata.name" -> pod.getMetadata().getName();
      case "metadata.namespace" -> namespace();
      case "metadata.uid" -> pod.getMetadata().getUid();
      case "spec.nodeName" -> pod.getSpec().getNodeName();
      case "spec.serviceAccountName" -> pod.getSpec().getServiceAccountName();
      case "status.podIP", "status.podIPs" -> podIp;
      case "status.hostIP", "status.hostIPs" -> hostIp;
      default -> mapped(variable, path);
    };
  }

  /** {@code metadata.labels['key']} and the same of annotations. */
  private String mapped(String variable, String path) throws ConfigProblem {
    int open = path.indexOf("['");
    if (open > 0 && path.endsWith("']")) {
      String key = path.substring(open + 2, path.length() - 2);
      Map<String, String> map =
          switch (path.substring(0, open)) {
            case "metadata.labels" -> pod.getMetadata().getLabels();
            case "metadata.annotations" -> pod.getMetadata().getAnnotations();
            default -> null;
          };
      if (map != null) {
        return map.getOrDefault(key, "");
      }
    }
    throw new ConfigProblem(
        "variable " + variable + " names the field " + path + ", which pods do not offer");
  }

  private String namespace() {
    return pod.getMetadata().getNamespace();
  }
}
