package io.aetherflow.local.server;

import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** An API server, its administrator, and an account whose rights a test chooses. */
final class Robot implements AutoCloseable {
  static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager("robot")
          .withForce(true)
          .build();

  private final ApiServer server;
  final KubernetesClient admin;
  final KubernetesClient client;

  Robot(Path state) throws IOException {
    server = ApiServer.start(ApiServerOptions.of(state, 0));
    String kubeconfig = Files.readString(server.kubeconfig());
    admin = client(kubeconfig);
    client =
        client(
            kubeconfig.replace(server.tokens().admin(), server.tokens().issue("default", "robot")));
    may();
    admin
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName("robot")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "robot")
                .addNewSubject()
                .withKind("ServiceAccount")
                .withName("robot")
                .withNamespace("default")
                .endSubject()
                .build())
        .create();
  }

  private static KubernetesClient client(String kubeconfig) {
    return new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeconfig)).build();
  }

  /** All that it may do from now on. */
  void may(PolicyRule... rules) {
    admin
        .resource(
            new ClusterRoleBuilder()
                .withNewMetadata()
                .withName("robot")
                .endMetadata()
                .withRules(Arrays.asList(rules))
                .build())
        .patch(APPLY);
  }

  static PolicyRule rule(String group, String resource, String... verbs) {
    PolicyRule rule = new PolicyRule();
    rule.getApiGroups().add(group);
    rule.getResources().add(resource);
    rule.getVerbs().addAll(Arrays.asList(verbs));
    return rule;
  }

  @Override
  public void close() throws IOException {
    client.close();
    admin.close();
    server.close();
  }
}
