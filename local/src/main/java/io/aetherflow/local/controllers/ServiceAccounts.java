package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;

/** Every namespace has a ServiceAccount {@code default}. */
final class ServiceAccounts implements Reconciler {
  private static final String NAME = "default";

  private final Context context;

  ServiceAccounts(Context context) {
    this.context = context;
    context.api().watch(Namespace.class, n -> enqueue(n.getMetadata().getName()));
    context.api().watch(ServiceAccount.class, a -> enqueue(a.getMetadata().getNamespace()));
  }

  private void enqueue(String namespace) {
    context.queue().add(new WorkQueue.Key(this, "", namespace));
  }

  @Override
  public void reconcile(String none, String name) {
    boolean open =
        context
            .api()
            .find(Namespace.class, "", name)
            .filter(n -> n.getMetadata().getDeletionTimestamp() == null)
            .isPresent();
    if (open && context.api().find(ServiceAccount.class, name, NAME).isEmpty()) {
      context
          .api()
          .create(
              new ServiceAccountBuilder()
                  .withNewMetadata()
                  .withName(NAME)
                  .withNamespace(name)
                  .endMetadata()
                  .build());
    }
  }
}
