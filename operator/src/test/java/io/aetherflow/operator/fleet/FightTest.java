package io.aetherflow.operator.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.crds.AetherFlowCluster;
import io.aetherflow.operator.etcd.EtcdProcess;
import io.aetherflow.operator.model.Labels;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v1.ScaleBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others change what the operator keeps, all the time and behind its back. */
class FightTest {
  private static final String NAMESPACE = "default";
  private static final String NAME = "fight";
  private static final String SCALED = NAME + "-session-service";
  private static final int ROUNDS = 100;
  private static final Duration REPAIR = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration QUIET = Duration.ofSeconds(60);
  private static final String RECONCILIATIONS = "operator_sdk_reconciliations_started_total";

  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          Deployment.class,
          Service.class,
          ConfigMap.class,
          Secret.class,
          HorizontalPodAutoscaler.class,
          PodDisruptionBudget.class,
          NetworkPolicy.class);

  private static final List<Drift<?>> DRIFTS = Drift.all(NAME);

  @TempDir Path directory;
  private EtcdProcess etcd;
  private HollowCluster cluster;
  private KubernetesClient client;
  private Confirmations confirmations;
  private States states;
  private OperatorProcess operator;
  private Client stray;

  /** Labels of others, by object. */
  private final Map<String, Map<String, String>> foreign = new TreeMap<>();

  private final List<Integer> scaledTo = new ArrayList<>();
  private final List<Long> millis = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdProcess(directory.resolve("etcd"));
    cluster = new HollowCluster(directory);
    client = cluster.client();
    confirmations = new Confirmations(etcd.endpoint(), cluster.objects());
    states = new States(client);
    operator = cluster.startOperator("128m");
    stray = Client.builder().endpoints(etcd.endpoint()).build();
  }

  @AfterEach
  void stop() throws Exception {
    stray.close();
    operator.close();
    states.close();
    confirmations.close();
    cluster.close();
    etcd.close();
  }

  /**
   * Each round: the autoscaler writes, somebody labels one object and spoils another; in every
   * third the operator looks at the past meanwhile.
   */
  @Test
  void nothingForeignIsLostDriftIsRepairedWithinASecondAndThenAllIsQuiet() throws Exception {
    client.resource(resource(etcd.endpoint())).create();
    states.await(NAME, "Ready", Duration.ofSeconds(60), States::isReady);
    List<ConfigMap> strangers = List.of(stranger("team-notes", false), stranger("lookalike", true));
    Map<String, JsonNode> wanted = contents();
    List<Integer> replicas = followReplicas();
    scaledTo.addAll(replicas);
    double reconciliations = operator.metric(RECONCILIATIONS);

    for (int round = 0; round < ROUNDS; round++) {
      Drift<?> drift = DRIFTS.get(round % DRIFTS.size());
      if (round % 3 == 0) {
        spoilBehindAShutGate(drift, round);
      } else {
        spoil(drift, round);
      }
      millis.add(awaitRepaired(drift, round, wanted));
    }
    report(millis, operator.metric(RECONCILIATIONS) - reconciliations);

    assertThat(operator.metric(RECONCILIATIONS) - reconciliations).isGreaterThanOrEqualTo(ROUNDS);
    assertThat(millis).as("time to repair, ms").allMatch(each -> each < REPAIR.toMillis());
    states.await(NAME, "Ready again", Duration.ofSeconds(60), States::isReady);
    assertThat(contents()).as("every object of the operator's").isEqualTo(wanted);
    assertThat(foreignLabels()).as("labels of others").isEqualTo(foreign);
    assertThat(strangers)
        .as("objects of others")
        .allSatisfy(each -> assertThat(client.resource(each).get()).isEqualTo(each));
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(replicas).as("replicas, all of them the autoscaler's").isEqualTo(scaledTo));
    Quiet.assertQuietFor(QUIET, cluster, etcd);
  }

  private void spoil(Drift<?> drift, int round) {
    label(DRIFTS.get((round * 7 + 3) % DRIFTS.size()), round);
    scaledTo.add(3 + round % 5);
    scale(scaledTo.getLast());
    drift.happen(client, NAMESPACE);
    if (drift.edit().isEmpty()) {
      foreign.remove(key(drift));
    }
  }

  /** The operator looks at a past in which nothing of it has happened. */
  private void spoilBehindAShutGate(Drift<?> drift, int round) throws Exception {
    cluster.gate().shut();
    try {
      spoil(drift, round);
      reconcileOnAStaleCache(round);
    } finally {
      cluster.gate().open();
    }
  }

  private static AetherFlowCluster resource(String endpoint) {
    return Serialization.unmarshal(
        """
        apiVersion: aetherflow.io/v1alpha1
        kind: AetherFlowCluster
        metadata:
          name: %s
          namespace: %s
        spec:
          profile: Development
          etcd:
            external:
              endpoints: ["%s"]
              prefix: %s
          session:
            autoscaling: {minReplicas: 2, maxReplicas: 10}
          networkPolicy:
            mode: Enforced
          monitoring:
            mode: Standalone
        """
            .formatted(NAME, NAMESPACE, endpoint, Confirmations.prefix(NAME)),
        AetherFlowCluster.class);
  }

  /** An object of somebody else's; a lookalike has the operator's labels, and no owner. */
  private ConfigMap stranger(String name, boolean lookalike) {
    ConfigMap map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(NAMESPACE)
            .endMetadata()
            .addToData("notes", "keep")
            .build();
    if (lookalike) {
      map.getMetadata().setLabels(Map.of(Labels.MANAGED_BY, Labels.MANAGER, Labels.CLUSTER, NAME));
    }
    return client.resource(map).create();
  }

  private void label(Drift<?> target, int round) {
    String name = Content.FOREIGN + "round-" + round;
    client
        .resources(target.type())
        .inNamespace(NAMESPACE)
        .withName(target.name())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"metadata\":{\"labels\":{\"" + name + "\":\"kept\"}}}");
    foreign.computeIfAbsent(key(target), key -> new TreeMap<>()).put(name, "kept");
  }

  private static String key(Drift<?> drift) {
    return HasMetadata.getKind(drift.type()) + "/" + drift.name();
  }

  private static String key(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }

  /** As an autoscaler does it. */
  private void scale(int replicas) {
    client
        .apps()
        .deployments()
        .inNamespace(NAMESPACE)
        .withName(SCALED)
        .scale(
            new ScaleBuilder()
                .withNewMetadata()
                .withName(SCALED)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .endSpec()
                .build());
  }

  /** Something else than a watch wakes the operator: a pod's word in etcd. */
  private void reconcileOnAStaleCache(int round) throws Exception {
    double before = operator.metric(RECONCILIATIONS);
    String key = Confirmations.prefix(NAME) + EtcdKeys.appliedTuning("session-service", "stray");
    AppliedTuning word = new AppliedTuning(round, "", Map.of(), "nobody", "");
    stray.getKVClient().put(bytes(key), bytes(word.toJson())).get();
    Awaitility.await()
        .pollInterval(Duration.ofMillis(10))
        .until(() -> operator.metric(RECONCILIATIONS) > before);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }

  /** Milliseconds from now until the object is as the operator made it first. */
  private long awaitRepaired(Drift<?> drift, int round, Map<String, JsonNode> wanted) {
    long startNs = System.nanoTime();
    Awaitility.await("repair in round " + round + " of the " + drift)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .atMost(PATIENCE)
        .until(() -> wanted.get(key(drift)).equals(content(drift)));
    return (System.nanoTime() - startNs) / 1_000_000;
  }

  private JsonNode content(Drift<?> drift) {
    return cluster
        .objects()
        .find(drift.type(), NAMESPACE, drift.name())
        .map(FightTest::content)
        .orElse(null);
  }

  private static JsonNode content(HasMetadata object) {
    return Content.of(object, object.getMetadata().getName().equals(SCALED));
  }

  private List<HasMetadata> owned() {
    List<HasMetadata> owned = new ArrayList<>();
    for (Class<? extends HasMetadata> kind : KINDS) {
      cluster.objects().list(kind).stream()
          .filter(each -> each.getMetadata().getName().startsWith(NAME + "-"))
          .forEach(owned::add);
    }
    return owned;
  }

  private Map<String, JsonNode> contents() {
    Map<String, JsonNode> contents = new TreeMap<>();
    owned().forEach(each -> contents.put(key(each), content(each)));
    return contents;
  }

  private Map<String, Map<String, String>> foreignLabels() {
    Map<String, Map<String, String>> found = new TreeMap<>();
    for (HasMetadata each : owned()) {
      Map<String, String> labels = new TreeMap<>(each.getMetadata().getLabels());
      labels.keySet().removeIf(name -> !name.startsWith(Content.FOREIGN));
      if (!labels.isEmpty()) {
        found.put(key(each), labels);
      }
    }
    return found;
  }

  /** Every number of pods that the scaled Deployment is to have from now on. */
  private List<Integer> followReplicas() {
    List<Integer> seen = new CopyOnWriteArrayList<>();
    int[] last = {-1};
    cluster
        .objects()
        .watch(
            Deployment.class,
            change -> {
              Integer replicas = change.object().getSpec().getReplicas();
              if (change.object().getMetadata().getName().equals(SCALED) && last[0] != replicas) {
                last[0] = replicas;
                seen.add(replicas);
              }
            });
    Awaitility.await().until(() -> !seen.isEmpty());
    return seen;
  }

  private static void report(List<Long> millis, double reconciliations) {
    List<Long> sorted = new ArrayList<>(millis);
    sorted.sort(null);
    System.out.printf(
        "%d rounds: repaired after p50 %d, p99 %d, at most %d ms; %.0f reconciliations%n",
        sorted.size(),
        sorted.get(sorted.size() / 2),
        sorted.get(sorted.size() * 99 / 100),
        sorted.getLast(),
        reconciliations);
  }
}
