package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.kube.Kubectl;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/**
 * Every object of the deployment picture comes from {@code config/samples/full.yaml}. The cluster
 * is of production size, so here its images come from a registry that does not exist: what counts
 * is which objects there are.
 */
@ClusterTest
@Order(46)
class TopologyTest {
  private static final Path ROOT = Path.of("..");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private static final Duration QUIET = Duration.ofSeconds(10);

  /** A row of the table in docs/architecture.md: kind, name, class. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| (\\w+) \\| `([a-z-]+)` \\| `(\\w+)` \\|$");

  private static final String ROLE = "aetherflow-operator";
  private static final String POLICY = "networkpolicy/full-etcd";

  private static final String KINDS =
      "deployments,statefulsets,services,configmaps,secrets,horizontalpodautoscalers,"
          + "poddisruptionbudgets,networkpolicies,persistentvolumeclaims,serviceaccounts,roles,"
          + "rolebindings";

  private final Cluster cluster;

  TopologyTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @BeforeEach
  void apply() throws IOException {
    assumeTrue(Kubectl.installed(), "kubectl is not installed");
    String sample =
        Files.readString(ROOT.resolve("config/samples/full.yaml"))
            .replace("\nspec:\n", "\nspec:\n  imageRegistry: nowhere.invalid\n");
    cluster.kubectl().runWithInput(sample, "apply", "-f", "-").ok();
  }

  @AfterEach
  void delete() {
    if (!Kubectl.installed()) {
      return;
    }
    cluster.kubectl().run("delete", "aetherflow", "full", "--ignore-not-found").ok();
    // etcd's volumes outlive the resource by its policy.
    cluster.kubectl().run("delete", "pvc", "-l", "app.kubernetes.io/instance=full").ok();
    await().atMost(TIMEOUT).until(() -> objects(), Set::isEmpty);
  }

  @Test
  void oneGetShowsEveryObject() throws IOException {
    List<MatchResult> rows =
        ROW.matcher(Files.readString(ROOT.resolve("docs/architecture.md"))).results().toList();
    assertThat(rows).hasSizeGreaterThan(20);
    List<String> expected = new ArrayList<>();
    for (MatchResult row : rows) {
      expected.add(row.group(1).toLowerCase(Locale.ROOT) + "/full-" + row.group(2));
      assertThat(ROOT.resolve("operator/src/main/java/io/aetherflow/operator/model"))
          .satisfies(folder -> assertThat(folder.resolve(row.group(3) + ".java")).exists());
    }

    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(objects()).as("objects").containsAll(expected));
    assertThat(conditions()).doesNotContain("ReconcileError").doesNotContain("forbidden");
    // What the API server makes of an object is what the operator wants: it applies none again.
    long applied = objectsApplied();
    assertThat(applied).isGreaterThanOrEqualTo(rows.size() - 2);
    await()
        .pollInterval(Duration.ofSeconds(1))
        .during(QUIET)
        .atMost(TIMEOUT)
        .until(() -> objectsApplied() == applied);
  }

  /** The operator's identity is bound by config/rbac: what that leaves out, it cannot do. */
  @Test
  void aMissingVerbIsToldAndHealedWhenItIsGranted() {
    await().atMost(TIMEOUT).until(() -> objects().contains(POLICY));
    ClusterRole role = cluster.client().rbac().clusterRoles().withName(ROLE).get();
    try {
      cluster.client().rbac().clusterRoles().withName(ROLE).edit(TopologyTest::withoutCreate);
      cluster.kubectl().run("delete", POLICY).ok();
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() ->
              assertThat(conditions()).contains("ReconcileError", "forbidden", "networkpolicies"));
    } finally {
      cluster
          .client()
          .rbac()
          .clusterRoles()
          .withName(ROLE)
          .edit(live -> new ClusterRoleBuilder(live).withRules(role.getRules()).build());
    }
    await().atMost(TIMEOUT).until(() -> objects().contains(POLICY));
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(conditions()).doesNotContain("ReconcileError"));
  }

  private long objectsApplied() {
    return cluster
        .kubectl()
        .run(
            "logs", "-n", Cluster.OPERATOR_NAMESPACE, cluster.operatorPod().getMetadata().getName())
        .ok()
        .out()
        .lines()
        .filter(line -> line.contains("\"full\"") && line.contains("\"object_applied\""))
        .count();
  }

  private static ClusterRole withoutCreate(ClusterRole role) {
    List<PolicyRule> rules = new ArrayList<>(role.getRules());
    rules.replaceAll(rule ->
        rule.getResources().contains("networkpolicies")
            ? new PolicyRuleBuilder(rule).withVerbs("get", "list", "watch").build()
            : rule);
    return new ClusterRoleBuilder(role).withRules(rules).build();
  }

  private String conditions() {
    return cluster
        .kubectl()
        .run("get", "aetherflow", "full", "-o", "jsonpath={.status.conditions}")
        .ok()
        .out();
  }

  /** {@code kind/name} of all objects of the cluster. */
  private Set<String> objects() {
    Set<String> objects = new TreeSet<>();
    cluster
        .kubectl()
        .run("get", KINDS, "-l", "app.kubernetes.io/instance=full", "-o", "name")
        .ok()
        .out()
        .lines()
        .map(line -> line.replaceFirst("^([a-z]+)[^/]*/", "$1/"))
        .forEach(objects::add);
    return objects;
  }
}
