package io.aetherflow.e2e.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One state of the resource, as read or as a watch delivered it. Immutable by convention. */
public record AfcState(GenericKubernetesResource resource) {

  public long generation() {
    return resource.getMetadata().getGeneration();
  }

  public String uid() {
    return resource.getMetadata().getUid();
  }

  public Object spec() {
    return resource.get("spec");
  }

  public long observedGeneration() {
    return number("status", "observedGeneration");
  }

  /** {@code display("etcd")} is what the ETCD column shows. */
  public String display(String column) {
    return String.valueOf(this.<Object>field("status", "display", column).orElse(""));
  }

  public long tuningRevision() {
    return number("status", "tuning", "revision");
  }

  public long appliedPods() {
    return number("status", "tuning", "appliedPods");
  }

  public long totalPods() {
    return number("status", "tuning", "totalPods");
  }

  /** Name of etcd's newest verified snapshot, or empty. */
  public String lastSnapshot() {
    return this.<String>field("status", "etcd", "backup", "lastSnapshot").orElse("");
  }

  /** Id of each etcd member by its name. */
  public Map<String, String> etcdMemberIds() {
    return this.<List<Map<?, ?>>>field("status", "etcd", "members").orElse(List.of()).stream()
        .collect(
            Collectors.toMap(
                each -> String.valueOf(each.get("name")), each -> String.valueOf(each.get("id"))));
  }

  public List<Condition> conditions() {
    return this.<List<Map<?, ?>>>field("status", "conditions").orElse(List.of()).stream()
        .map(Condition::of)
        .toList();
  }

  public Condition condition(String type) {
    return conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseGet(() -> Condition.missing(type));
  }

  /** Ready, its tuning confirmed and nothing degraded, all said of the present generation. */
  public boolean settled() {
    return condition("Ready").isTrueAt(generation())
        && condition("TuningApplied").isTrueAt(generation())
        && !condition("Degraded").isTrue();
  }

  public String describe() {
    return "generation %d observed %d tuning %d %d/%d etcd %s gateway %s session %s stateSync %s%n%s"
        .formatted(
            generation(),
            observedGeneration(),
            tuningRevision(),
            appliedPods(),
            totalPods(),
            display("etcd"),
            display("gateway"),
            display("session"),
            display("stateSync"),
            conditions().stream()
                .map(condition -> "  " + condition)
                .collect(Collectors.joining("\n")));
  }

  private long number(Object... path) {
    return this.<Number>field(path).map(Number::longValue).orElse(0L);
  }

  private <T> Optional<T> field(Object... path) {
    return Optional.ofNullable(resource.<T>get(path));
  }
}
