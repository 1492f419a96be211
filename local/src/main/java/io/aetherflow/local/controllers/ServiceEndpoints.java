package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointAddressBuilder;
import io.fabric8.kubernetes.api.model.EndpointPort;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** EndpointSlices and Endpoints of Services with a selector. */
final class ServiceEndpoints implements Reconciler {
  static final String SERVICE_NAME = "kubernetes.io/service-name";
  static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
  static final String MANAGER = "endpointslice-controller.k8s.io";

  private static final String HEADLESS = "service.kubernetes.io/headless";

  private final Context context;

  ServiceEndpoints(Context context) {
    this.context = context;
    context.api().watch(Service.class, s -> enqueue(s, s.getMetadata().getName()));
    context
        .api()
        .watch(
            Pod.class,
            pod ->
                context
                    .api()
                    .list(Service.class, pod.getMetadata().getNamespace())
                    .forEach(service -> enqueue(service, service.getMetadata().getName())));
    context
        .api()
        .watch(
            EndpointSlice.class,
            slice -> {
              String service = Templates.mutable(slice.getMetadata().getLabels()).get(SERVICE_NAME);
              if (service != null) {
                enqueue(slice, service);
              }
            });
    context.api().watch(Endpoints.class, e -> enqueue(e, e.getMetadata().getName()));
  }

  private void enqueue(HasMetadata object, String name) {
    context.queue().add(new WorkQueue.Key(this, object.getMetadata().getNamespace(), name));
  }

  @Override
  public void reconcile(String namespace, String name) {
    Service service = context.api().find(Service.class, namespace, name).orElse(null);
    Map<String, String> selector = service == null ? null : service.getSpec().getSelector();
    boolean external = service != null && "ExternalName".equals(service.getSpec().getType());
    if (selector == null || selector.isEmpty() || external) {
      return;
    }
    List<Pod> pods = new ArrayList<>(context.api().list(Pod.class, namespace));
    pods.removeIf(pod ->
        PodStates.isFinished(pod)
            || pod.getStatus() == null
            || pod.getStatus().getPodIP() == null
            || !LabelSelectors.contains(pod.getMetadata().getLabels(), selector));
    writeSlices(service, PortGroups.of(service, pods));
    pods.removeIf(pod -> PodStates.isTerminating(pod) && !publishesAll(service));
    writeEndpoints(service, PortGroups.of(service, pods));
  }

  private static boolean publishesAll(Service service) {
    return Boolean.TRUE.equals(service.getSpec().getPublishNotReadyAddresses());
  }

  private static Map<String, String> labels(Service service) {
    Map<String, String> labels = Templates.mutable(service.getMetadata().getLabels());
    if ("None".equals(service.getSpec().getClusterIP())) {
      labels.put(HEADLESS, "");
    }
    return labels;
  }

  private void writeSlices(
      Service service, List<Map.Entry<List<PortGroups.Target>, List<Pod>>> groups) {
    List<EndpointSlice> wanted = new ArrayList<>();
    groups.forEach(
        group -> wanted.add(slice(service, wanted.size(), group.getKey(), group.getValue())));
    if (wanted.isEmpty()) {
      wanted.add(slice(service, 0, List.of(), List.of()));
    }
    List<String> names = wanted.stream().map(s -> s.getMetadata().getName()).toList();
    wanted.forEach(this::write);
    context.api().list(EndpointSlice.class, service.getMetadata().getNamespace()).stream()
        .filter(s -> OwnerRefs.controls(service, s))
        .filter(s -> !names.contains(s.getMetadata().getName()))
        .forEach(context.api()::delete);
  }

  private EndpointSlice slice(
      Service service, int index, List<PortGroups.Target> targets, List<Pod> pods) {
    String name = service.getMetadata().getName();
    Map<String, String> labels = labels(service);
    labels.put(SERVICE_NAME, name);
    labels.put(MANAGED_BY, MANAGER);
    String suffix = Templates.hash(service.getMetadata().getUid() + index).substring(0, 5);
    return new EndpointSliceBuilder()
        .withNewMetadata()
        .withName(name + "-" + suffix)
        .withNamespace(service.getMetadata().getNamespace())
        .withLabels(labels)
        .withOwnerReferences(OwnerRefs.controllerTo(service))
        .endMetadata()
        .withAddressType("IPv4")
        .withPorts(
            targets.stream()
                .map(t ->
                    new EndpointPortBuilder()
                        // The API writes the name even when it is empty.
                        .withName(t.name() == null ? "" : t.name())
                        .withPort(t.port())
                        .withProtocol(t.protocol())
                        .withAppProtocol(t.appProtocol())
                        .build())
                .toList())
        .withEndpoints(pods.stream().map(pod -> endpoint(service, pod)).toList())
        .build();
  }

  private static Endpoint endpoint(Service service, Pod pod) {
    boolean serving = PodStates.isReady(pod);
    boolean terminating = PodStates.isTerminating(pod);
    return new EndpointBuilder()
        .withAddresses(pod.getStatus().getPodIP())
        .withNewConditions()
        .withReady(publishesAll(service) || serving && !terminating)
        .withServing(serving)
        .withTerminating(terminating)
        .endConditions()
        .withHostname(hostname(service, pod))
        .withNodeName(pod.getSpec().getNodeName())
        .withTargetRef(reference(pod))
        .build();
  }

  private static String hostname(Service service, Pod pod) {
    boolean named = service.getMetadata().getName().equals(pod.getSpec().getSubdomain());
    return named ? pod.getSpec().getHostname() : null;
  }

  private static ObjectReference reference(Pod pod) {
    return new ObjectReferenceBuilder()
        .withKind("Pod")
        .withNamespace(pod.getMetadata().getNamespace())
        .withName(pod.getMetadata().getName())
        .withUid(pod.getMetadata().getUid())
        .build();
  }

  private void write(EndpointSlice wanted) {
    EndpointSlice present =
        context
            .api()
            .find(
                EndpointSlice.class,
                wanted.getMetadata().getNamespace(),
                wanted.getMetadata().getName())
            .orElse(null);
    if (present == null) {
      context.api().create(wanted);
    } else if (!wanted.getPorts().equals(present.getPorts())
        || !wanted.getEndpoints().equals(present.getEndpoints())
        || !wanted.getMetadata().getLabels().equals(present.getMetadata().getLabels())) {
      context.api().replace(wanted);
    }
  }

  private void writeEndpoints(
      Service service, List<Map.Entry<List<PortGroups.Target>, List<Pod>>> groups) {
    Endpoints wanted =
        new EndpointsBuilder()
            .withNewMetadata()
            .withName(service.getMetadata().getName())
            .withNamespace(service.getMetadata().getNamespace())
            .withLabels(labels(service))
            .withOwnerReferences(OwnerRefs.controllerTo(service))
            .endMetadata()
            .withSubsets(
                groups.stream().map(g -> subset(service, g.getKey(), g.getValue())).toList())
            .build();
    Endpoints present =
        context
            .api()
            .find(
                Endpoints.class,
                wanted.getMetadata().getNamespace(),
                wanted.getMetadata().getName())
            .orElse(null);
    if (present == null) {
      context.api().create(wanted);
    } else if (!wanted.getSubsets().equals(present.getSubsets())
        || !Templates.mutable(present.getMetadata().getLabels())
            .equals(wanted.getMetadata().getLabels())) {
      context.api().replace(wanted);
    }
  }

  private static EndpointSubset subset(
      Service service, List<PortGroups.Target> targets, List<Pod> pods) {
    List<EndpointAddress> ready = new ArrayList<>();
    List<EndpointAddress> notReady = new ArrayList<>();
    for (Pod pod : pods) {
      EndpointAddress address =
          new EndpointAddressBuilder()
              .withIp(pod.getStatus().getPodIP())
              .withHostname(hostname(service, pod))
              .withNodeName(pod.getSpec().getNodeName())
              .withTargetRef(reference(pod))
              .build();
      (publishesAll(service) || PodStates.isReady(pod) ? ready : notReady).add(address);
    }
    List<EndpointPort> ports =
        targets.stream()
            .map(t -> new EndpointPort(t.appProtocol(), t.name(), t.port(), t.protocol()))
            .toList();
    return new EndpointSubset(ready, notReady, ports);
  }
}
