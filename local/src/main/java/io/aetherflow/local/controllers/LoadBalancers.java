package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import io.fabric8.kubernetes.api.model.ServiceStatusBuilder;
import java.util.List;

/** A LoadBalancer's address is its cluster address, which this machine reaches anyway. */
final class LoadBalancers implements Reconciler {
  private final Context context;

  LoadBalancers(Context context) {
    this.context = context;
    context
        .api()
        .watch(
            Service.class,
            s ->
                context
                    .queue()
                    .add(
                        new WorkQueue.Key(
                            this, s.getMetadata().getNamespace(), s.getMetadata().getName())));
  }

  @Override
  public void reconcile(String namespace, String name) {
    Service service = context.api().find(Service.class, namespace, name).orElse(null);
    if (service == null) {
      return;
    }
    ServiceStatus status = service.getStatus() == null ? new ServiceStatus() : service.getStatus();
    LoadBalancerStatus present = status.getLoadBalancer();
    List<LoadBalancerIngress> before = present == null ? List.of() : present.getIngress();
    List<LoadBalancerIngress> wanted = ingress(service);
    if (!wanted.equals(before)) {
      ServiceStatus next =
          new ServiceStatusBuilder(status).withLoadBalancer(new LoadBalancerStatus(wanted)).build();
      context.api().replaceStatus(new ServiceBuilder(service).withStatus(next).build());
    }
  }

  private static List<LoadBalancerIngress> ingress(Service service) {
    String address = service.getSpec().getClusterIP();
    boolean balanced =
        "LoadBalancer".equals(service.getSpec().getType())
            && address != null
            && !address.equals("None");
    return balanced
        ? List.of(new LoadBalancerIngressBuilder().withIp(address).withIpMode("VIP").build())
        : List.of();
  }
}
