package io.aetherflow.local.node;

import io.aetherflow.local.store.ApiException;
import io.aetherflow.local.store.Objects;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Events about pods; a repeated one raises the count of the first. Belongs to the loop. */
final class NodeEvents {
  /** Remembers this many; older ones start anew, which costs a line in the list and no more. */
  private static final int REMEMBERED_MAX = 256;

  private final Objects objects;
  private final Clock clock;
  private final Map<String, String> names =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > REMEMBERED_MAX;
        }
      };

  NodeEvents(Objects objects, Clock clock) {
    this.objects = objects;
    this.clock = clock;
  }

  void emit(Pod pod, String type, String reason, String message) {
    String now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    String key = pod.getMetadata().getUid() + "/" + reason + "/" + message;
    String namespace = pod.getMetadata().getNamespace();
    try {
      Event known =
          names.containsKey(key)
              ? objects.find(Event.class, namespace, names.get(key)).orElse(null)
              : null;
      if (known != null) {
        known.setCount(known.getCount() + 1);
        known.setLastTimestamp(now);
        objects.replace(known);
        return;
      }
      Event made =
          objects.create(
              new EventBuilder()
                  .withNewMetadata()
                  .withGenerateName(pod.getMetadata().getName() + ".")
                  .withNamespace(namespace)
                  .endMetadata()
                  .withInvolvedObject(reference(pod))
                  .withType(type)
                  .withReason(reason)
                  .withMessage(message)
                  .withCount(1)
                  .withFirstTimestamp(now)
                  .withLastTimestamp(now)
                  .withNewSource("kubelet", Node.NAME)
                  .withReportingComponent("kubelet")
                  .withReportingInstance(Node.NAME)
                  .build());
      names.put(key, made.getMetadata().getName());
    } catch (ApiException gone) {
      // The namespace is going; nobody will read what happened in it.
    }
  }

  private static ObjectReference reference(Pod pod) {
    return new ObjectReference(
        "v1",
        null,
        "Pod",
        pod.getMetadata().getName(),
        pod.getMetadata().getNamespace(),
        null,
        pod.getMetadata().getUid());
  }
}
