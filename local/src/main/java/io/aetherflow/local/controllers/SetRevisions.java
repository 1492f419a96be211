package io.aetherflow.local.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.ControllerRevisionBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The history of a StatefulSet's templates as ControllerRevisions. */
final class SetRevisions {
  static final String POD_REVISION = "controller-revision-hash";

  private static final String HASH = "controller.kubernetes.io/hash";

  private final Context context;

  SetRevisions(Context context) {
    this.context = context;
  }

  /**
   * The revisions a set is between.
   *
   * @param current what pods had before the rollout, or the same as {@code update}
   * @param update of the present template
   */
  record Pair(ControllerRevision current, ControllerRevision update, int collisions) {

    String currentName() {
      return current.getMetadata().getName();
    }

    String updateName() {
      return update.getMetadata().getName();
    }
  }

  static String of(Pod pod) {
    return Templates.mutable(pod.getMetadata().getLabels()).getOrDefault(POD_REVISION, "");
  }

  static PodTemplateSpec template(ControllerRevision revision) {
    JsonNode data = Json.MAPPER.valueToTree(revision.getData());
    ObjectNode template = (ObjectNode) Json.at(data, "spec", "template").deepCopy();
    template.remove("$patch");
    return Json.model(template, PodTemplateSpec.class);
  }

  private List<ControllerRevision> owned(StatefulSet set) {
    List<ControllerRevision> all =
        context.api().list(ControllerRevision.class, set.getMetadata().getNamespace());
    List<ControllerRevision> owned =
        new ArrayList<>(
            OwnerRefs.claim(
                context.api(), set, set.getSpec().getSelector(), all, SetRevisions::isHistory));
    owned.sort(Comparator.comparing(ControllerRevision::getRevision));
    return owned;
  }

  private static boolean isHistory(ControllerRevision revision) {
    return Templates.mutable(revision.getMetadata().getLabels()).containsKey(HASH);
  }

  Pair sync(StatefulSet set) {
    List<ControllerRevision> owned = owned(set);
    PodTemplateSpec wanted = set.getSpec().getTemplate();
    ControllerRevision update =
        owned.stream().filter(r -> template(r).equals(wanted)).findFirst().orElse(null);
    long newest = owned.isEmpty() ? 0 : owned.getLast().getRevision();
    int collisions =
        set.getStatus() == null ? 0 : Numbers.orZero(set.getStatus().getCollisionCount());
    if (update == null) {
      while (update == null) {
        update = create(set, newest + 1, collisions);
        collisions += update == null ? 1 : 0;
      }
    } else if (update.getRevision() < newest) {
      // A template that comes back becomes the newest revision again.
      update =
          context
              .api()
              .replace(new ControllerRevisionBuilder(update).withRevision(newest + 1).build());
    }
    String name = set.getStatus() == null ? null : set.getStatus().getCurrentRevision();
    ControllerRevision current =
        owned.stream()
            .filter(r -> r.getMetadata().getName().equals(name))
            .findFirst()
            .orElse(update);
    boolean same = current.getMetadata().getUid().equals(update.getMetadata().getUid());
    return new Pair(same ? update : current, update, collisions);
  }

  /** Null when another template's revision has the name. */
  private ControllerRevision create(StatefulSet set, long number, int collisions) {
    ControllerRevision made = revision(set, number, collisions);
    try {
      return context.api().create(made);
    } catch (ApiException e) {
      if (e.code() != 409) {
        throw e;
      }
      boolean same =
          context
              .api()
              .find(
                  ControllerRevision.class,
                  set.getMetadata().getNamespace(),
                  made.getMetadata().getName())
              .filter(taken -> template(taken).equals(set.getSpec().getTemplate()))
              .isPresent();
      if (same) {
        // A former set of this name left it behind, which the cache does not tell yet.
        throw e;
      }
      return null;
    }
  }

  private static ControllerRevision revision(StatefulSet set, long number, int collisions) {
    PodTemplateSpec template = set.getSpec().getTemplate();
    ObjectNode data = Json.object();
    ObjectNode patch = Json.tree(template);
    patch.put("$patch", "replace");
    data.putObject("spec").set("template", patch);
    String hash = Templates.hash(template, collisions);
    Map<String, String> labels = Templates.mutable(template.getMetadata().getLabels());
    labels.put(HASH, hash);
    return new ControllerRevisionBuilder()
        .withNewMetadata()
        .withName(set.getMetadata().getName() + "-" + hash)
        .withNamespace(set.getMetadata().getNamespace())
        .withLabels(labels)
        .withAnnotations(kept(set))
        .withOwnerReferences(OwnerRefs.controllerTo(set))
        .endMetadata()
        .withRevision(number)
        .withData(Json.MAPPER.convertValue(data, Map.class))
        .build();
  }

  private static Map<String, String> kept(StatefulSet set) {
    Map<String, String> kept = Templates.mutable(set.getMetadata().getAnnotations());
    kept.remove("kubectl.kubernetes.io/last-applied-configuration");
    return kept;
  }

  /** Deletes revisions beyond the limit that no pod has, oldest first. */
  void truncate(StatefulSet set, Pair pair, List<Pod> pods) {
    Set<String> live = new HashSet<>(List.of(pair.currentName(), pair.updateName()));
    pods.forEach(pod -> live.add(of(pod)));
    List<ControllerRevision> unused =
        owned(set).stream().filter(r -> !live.contains(r.getMetadata().getName())).toList();
    Integer limit = set.getSpec().getRevisionHistoryLimit();
    int excess = limit == null ? 0 : unused.size() - limit;
    unused.subList(0, Math.max(0, excess)).forEach(context.api()::delete);
  }
}
