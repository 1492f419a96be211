package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fabric8 client, as the operator uses it, against the server. */
class ClientTest {
  @TempDir Path state;
  private final List<Audit.Write> writes = new CopyOnWriteArrayList<>();
  private ApiServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() throws Exception {
    PodLogs logs =
        request ->
            new ByteArrayInputStream(
                ("log of " + request.pod() + "\n").getBytes(StandardCharsets.UTF_8));
    server = ApiServer.start(ApiServerOptions.of(state, 0).withLogs(logs).withAudit(writes::add));
    client = connect();
  }

  private KubernetesClient connect() throws Exception {
    Config config = Config.fromKubeconfig(Files.readString(server.kubeconfig()));
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.close();
  }

  private static ConfigMap map(String name, String value) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .addToLabels("app", "x")
        .endMetadata()
        .addToData("key", value)
        .build();
  }

  private static Deployment deployment(String image) {
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName("web")
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withNewSelector()
        .addToMatchLabels("app", "web")
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .addToLabels("app", "web")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName("main")
        .withImage(image)
        .addNewPort()
        .withContainerPort(8080)
        .endPort()
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private Deployment apply(Deployment desired) {
    PatchContext context =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("operator")
            .withForce(true)
            .build();
    return client.resource(desired).patch(context);
  }

  @Test
  void informersSeeEveryChangeInOrder() {
    client.resource(map("first", "0")).create();
    List<String> seen = new CopyOnWriteArrayList<>();
    try (SharedIndexInformer<ConfigMap> informer =
        client
            .configMaps()
            .inNamespace("default")
            .withLabel("app", "x")
            .inform(
                new ResourceEventHandler<>() {
                  @Override
                  public void onAdd(ConfigMap map) {
                    seen.add("+" + map.getMetadata().getName());
                  }

                  @Override
                  public void onUpdate(ConfigMap old, ConfigMap map) {
                    seen.add("~" + map.getData().get("key"));
                  }

                  @Override
                  public void onDelete(ConfigMap map, boolean unknown) {
                    seen.add("-" + map.getMetadata().getName());
                  }
                })) {
      client.resource(map("second", "0")).create();
      client.resource(map("second", "1")).update();
      client.resource(map("second", "1")).update();
      client.resource(map("second", "2")).update();
      client.resource(map("second", "2")).delete();
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> assertThat(seen).containsExactly("+first", "+second", "~1", "~2", "-second"));
    }
  }

  @Test
  void applyingTheSameTwiceWritesNothing() {
    String first = apply(deployment("app:1")).getMetadata().getResourceVersion();
    assertThat(apply(deployment("app:1")).getMetadata().getResourceVersion()).isEqualTo(first);
    Deployment changed = apply(deployment("app:2"));
    assertThat(changed.getMetadata().getGeneration()).isEqualTo(2);
    assertThat(changed.getMetadata().getManagedFields()).hasSize(1);
    Map<String, Object> fields =
        changed.getMetadata().getManagedFields().getFirst().getFieldsV1().getAdditionalProperties();
    assertThat(fields.toString())
        .contains("k:{\"name\":\"main\"}", "k:{\"containerPort\":8080,\"protocol\":\"TCP\"}")
        .contains("f:selector={}");
  }

  @Test
  void fieldsOfOthersSurviveAnApply() {
    apply(deployment("app:1"));
    client
        .apps()
        .deployments()
        .inNamespace("default")
        .withName("web")
        .edit(d ->
            new DeploymentBuilder(d)
                .editMetadata()
                .addToAnnotations("mine", "1")
                .endMetadata()
                .editSpec()
                .withReplicas(5)
                .endSpec()
                .build());
    Deployment after = apply(deployment("app:2"));
    assertThat(after.getSpec().getReplicas()).isEqualTo(5);
    assertThat(after.getMetadata().getAnnotations()).containsEntry("mine", "1");
  }

  @Test
  void staleWritesConflict() {
    ConfigMap read = client.resource(map("a", "0")).create();
    client.resource(map("a", "1")).update();
    read.getData().put("key", "2");
    assertThatThrownBy(() -> client.resource(read).update())
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409));
  }

  @Test
  void boundPodsGoInTwoSteps() {
    Pod pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("p")
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .withNodeName("local")
            .addNewContainer()
            .withName("c")
            .withImage("i:1")
            .endContainer()
            .endSpec()
            .build();
    server.objects().create(pod);
    assertThat(client.pods().inNamespace("default").withName("p").getLog()).isEqualTo("log of p\n");
    client.resource(pod).delete();
    Pod marked = server.objects().find(Pod.class, "default", "p").orElseThrow();
    assertThat(marked.getMetadata().getDeletionTimestamp()).isNotNull();
    server.objects().delete(Pod.class, "default", "p", 0);
    assertThat(server.objects().find(Pod.class, "default", "p")).isEmpty();
  }

  @Test
  void dependentsFollowTheirOwner() {
    ConfigMap owner = client.resource(map("owner", "0")).create();
    ConfigMap dependent = map("dependent", "0");
    dependent.addOwnerReference(owner);
    client.resource(dependent).create();
    client.resource(owner).delete();
    assertThat(server.objects().find(ConfigMap.class, "default", "dependent")).isEmpty();
  }

  @Test
  void theAuditTellsOfEveryWriteAlsoOfOneThatChangesNothingOrIsRefused() throws Exception {
    client.resource(map("told", "0")).create();
    client.resource(map("told", "0")).update();
    client.configMaps().inNamespace("default").withName("told").get();
    client.configMaps().inNamespace("default").withName("told").delete();
    Tokens tokens = server.tokens();
    String kubeconfig =
        Files.readString(server.kubeconfig())
            .replace(tokens.admin(), tokens.issue("default", "robot"));
    Config robot = Config.fromKubeconfig(kubeconfig);
    try (KubernetesClient nobody = new KubernetesClientBuilder().withConfig(robot).build()) {
      assertThatThrownBy(() -> nobody.resource(map("told", "1")).create())
          .isInstanceOf(KubernetesClientException.class);
    }

    String robotUser = "system:serviceaccount:default:robot";
    await()
        .untilAsserted(() ->
            assertThat(writes)
                .containsExactly(
                    write("kubernetes-admin", "create", "", 201),
                    write("kubernetes-admin", "update", "told", 200),
                    write("kubernetes-admin", "delete", "told", 200),
                    write(robotUser, "create", "", 403)));
  }

  private static Audit.Write write(String user, String verb, String name, int code) {
    return new Audit.Write(user, verb, "configmaps", "default", name, code);
  }

  @Test
  void objectsSurviveARestart() throws Exception {
    ConfigMap made = client.resource(map("kept", "7")).create();
    client.resource(map("gone", "7")).create();
    client.resource(map("gone", "7")).delete();
    stop();
    server = ApiServer.start(ApiServerOptions.of(state, 0));
    client = connect();
    ConfigMap found = client.configMaps().inNamespace("default").withName("kept").get();
    assertThat(found).isEqualTo(made);
    assertThat(client.configMaps().inNamespace("default").withName("gone").get()).isNull();
  }
}
