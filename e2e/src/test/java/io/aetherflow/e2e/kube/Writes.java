package io.aetherflow.e2e.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Every change from now on of any object in a namespace, of the kinds that describe a cluster.
 * Leases and Events are left out: others write them.
 */
public final class Writes implements AutoCloseable {
  private static final List<ResourceDefinitionContext> KINDS =
      List.of(
          kind("", "v1", "Pod", "pods"),
          kind("", "v1", "Service", "services"),
          kind("", "v1", "ConfigMap", "configmaps"),
          kind("", "v1", "Secret", "secrets"),
          kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
          kind("apps", "v1", "Deployment", "deployments"),
          kind("apps", "v1", "StatefulSet", "statefulsets"),
          kind("aetherflow.io", "v1alpha1", "AetherFlowCluster", "aetherflowclusters"));

  private final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private final List<Watch> watches = new ArrayList<>();

  private Writes() {}

  private static ResourceDefinitionContext kind(
      String group, String version, String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup(group)
        .withVersion(version)
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }

  public static Writes watch(KubernetesClient client, String namespace) {
    Writes writes = new Writes();
    for (ResourceDefinitionContext kind : KINDS) {
      GenericKubernetesResourceList now =
          client.genericKubernetesResources(kind).inNamespace(namespace).list();
      writes.watches.add(
          client
              .genericKubernetesResources(kind)
              .inNamespace(namespace)
              .watch(
                  new ListOptionsBuilder()
                      .withResourceVersion(now.getMetadata().getResourceVersion())
                      .build(),
                  writes.new Events()));
    }
    return writes;
  }

  /**
   * Waits for the first change.
   *
   * @return what changed and who did it, empty when nothing did in that time
   */
  public List<String> within(Duration time) {
    try {
      String first = seen.poll(time.toMillis(), TimeUnit.MILLISECONDS);
      List<String> all = new ArrayList<>();
      if (first != null) {
        all.add(first);
        seen.drainTo(all);
      }
      return all;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while watching", e);
    }
  }

  @Override
  public void close() {
    watches.forEach(Watch::close);
  }

  private static String lastManager(GenericKubernetesResource object) {
    return object.getMetadata().getManagedFields().stream()
        .filter(entry -> entry.getTime() != null)
        .max(Comparator.comparing(ManagedFieldsEntry::getTime))
        .map(entry -> entry.getManager() + " (" + entry.getOperation() + ")")
        .orElse("an unknown manager");
  }

  private final class Events implements Watcher<GenericKubernetesResource> {
    @Override
    public void eventReceived(Action action, GenericKubernetesResource object) {
      if (action != Action.BOOKMARK) {
        seen.add(
            "%s %s %s at resource version %s by %s"
                .formatted(
                    action,
                    object.getKind(),
                    object.getMetadata().getName(),
                    object.getMetadata().getResourceVersion(),
                    lastManager(object)));
      }
    }

    @Override
    public void onClose(WatcherException cause) {
      seen.add("a watch ended early, nothing can be said: " + cause.getMessage());
    }
  }
}
