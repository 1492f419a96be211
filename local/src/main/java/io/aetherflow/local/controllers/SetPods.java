package io.aetherflow.local.controllers;

import static io.aetherflow.local.controllers.Numbers.orZero;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ordinals and names of a StatefulSet's pods, and new pods for them. */
final class SetPods {
  private static final Pattern NAME = Pattern.compile("(.*)-(\\d+)");

  private final StatefulSet set;

  SetPods(StatefulSet set) {
    this.set = set;
  }

  /** The pod's ordinal, or -1 when the name is not one of this set's. */
  int ordinal(Pod pod) {
    Matcher matcher = NAME.matcher(pod.getMetadata().getName());
    boolean ours = matcher.matches() && matcher.group(1).equals(set.getMetadata().getName());
    return ours ? Numbers.parseOr(matcher.group(2), -1) : -1;
  }

  String name(int ordinal) {
    return set.getMetadata().getName() + "-" + ordinal;
  }

  int first() {
    var ordinals = set.getSpec().getOrdinals();
    return ordinals == null ? 0 : orZero(ordinals.getStart());
  }

  int end() {
    return first() + set.getSpec().getReplicas();
  }

  boolean ordered() {
    return !"Parallel".equals(set.getSpec().getPodManagementPolicy());
  }

  boolean rolls() {
    var strategy = set.getSpec().getUpdateStrategy();
    return strategy == null || !"OnDelete".equals(strategy.getType());
  }

  /** The lowest ordinal that updates may touch. */
  int partition() {
    var strategy = set.getSpec().getUpdateStrategy();
    return strategy == null || strategy.getRollingUpdate() == null
        ? first()
        : first() + orZero(strategy.getRollingUpdate().getPartition());
  }

  ControllerRevision revision(int ordinal, SetRevisions.Pair revisions) {
    return rolls() && ordinal < partition() ? revisions.current() : revisions.update();
  }

  /** By ordinal, only those that the set wants. */
  Map<Integer, Pod> wanted(List<Pod> pods) {
    Map<Integer, Pod> wanted = new TreeMap<>();
    for (Pod pod : pods) {
      int ordinal = ordinal(pod);
      if (ordinal >= first() && ordinal < end()) {
        wanted.put(ordinal, pod);
      }
    }
    return wanted;
  }

  /** Highest ordinal first. */
  List<Pod> condemned(List<Pod> pods) {
    List<Pod> condemned = new ArrayList<>(pods);
    condemned.removeIf(pod -> ordinal(pod) >= first() && ordinal(pod) < end());
    condemned.sort(Comparator.comparingInt(this::ordinal).reversed());
    return condemned;
  }

  Pod make(int ordinal, ControllerRevision revision) {
    Pod pod = Templates.pod(SetRevisions.template(revision), set);
    String name = name(ordinal);
    pod.getMetadata().setName(name);
    Map<String, String> labels = Templates.mutable(pod.getMetadata().getLabels());
    labels.put("statefulset.kubernetes.io/pod-name", name);
    labels.put("apps.kubernetes.io/pod-index", Integer.toString(ordinal));
    labels.put(SetRevisions.POD_REVISION, revision.getMetadata().getName());
    pod.getMetadata().setLabels(labels);
    pod.getSpec().setHostname(name);
    pod.getSpec().setSubdomain(set.getSpec().getServiceName());
    pod.getSpec().setVolumes(SetClaims.volumes(set, pod));
    return pod;
  }
}
