package io.aetherflow.operator.reconciler;

import io.aetherflow.crds.EtcdRestoreSpec;
import io.aetherflow.operator.etcd.MembershipStep;
import io.aetherflow.operator.model.EffectiveSpec;
import io.aetherflow.operator.model.EffectiveSpec.EtcdPlan.Members;
import io.aetherflow.operator.model.EtcdRestoreModel;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the pod that fills the first member's volume, and removes it afterwards. Never waits. */
final class RestoreActor {
  private static final Logger LOG = LoggerFactory.getLogger(RestoreActor.class);

  private final KubernetesClient client;

  RestoreActor(KubernetesClient client) {
    this.client = client;
  }

  /**
   * @param own makes an object go with the cluster
   * @param pod the one that restores, if it is there
   * @param restoring whether the cluster has yet to begin
   */
  void act(
      EffectiveSpec spec,
      MembershipStep step,
      boolean restoring,
      Optional<Pod> pod,
      Consumer<HasMetadata> own) {
    if (step instanceof MembershipStep.Restore
        && spec.etcd() instanceof Members members
        && members.spec().restore() instanceof EtcdRestoreSpec restore) {
      // Not owned: by deletionPolicy a member's volume may outlive the cluster.
      create(EtcdRestoreModel.claim(spec, members));
      Pod made = EtcdRestoreModel.pod(spec, members, restore);
      own.accept(made);
      create(made);
    } else if (!restoring && pod.isPresent()) {
      client.resource(pod.get()).delete();
    }
  }

  private void create(HasMetadata object) {
    try {
      client.resource(object).create();
      LOG.atInfo()
          .addKeyValue("action", "object_created")
          .log("{}/{} created", object.getKind(), object.getMetadata().getName());
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
        throw e;
      }
    }
  }
}
