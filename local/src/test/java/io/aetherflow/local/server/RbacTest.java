package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.local.store.ObjectStore;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RbacTest {
  private static final Identity ROBOT = Identity.serviceAccount("default", "robot");

  @TempDir Path directory;
  private ObjectStore store;
  private Rbac rbac;

  @BeforeEach
  void bindRobotInDefault() throws Exception {
    store = new ObjectStore(directory, Clock.systemUTC());
    rbac = new Rbac(store.resources().db());
    store.create(
        new ClusterRoleBuilder()
            .withNewMetadata()
            .withName("edit")
            .endMetadata()
            .addNewRule()
            .withApiGroups("apps")
            .withResources("deployments", "*/status")
            .withVerbs("get")
            .endRule()
            .addNewRule()
            .withApiGroups("")
            .withResources("secrets")
            .withResourceNames("mine")
            .withVerbs("*")
            .endRule()
            .build());
    store.create(
        new RoleBindingBuilder()
            .withNewMetadata()
            .withName("edit")
            .withNamespace("default")
            .endMetadata()
            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "edit")
            .addNewSubject()
            .withKind("ServiceAccount")
            .withName("robot")
            .withNamespace("default")
            .endSubject()
            .build());
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  private boolean allows(String verb, String group, String resource, String ns, String name) {
    return rbac.allows(ROBOT, new Rbac.Action(verb, group, resource, ns, name));
  }

  @Test
  void aBindingHoldsInItsNamespaceOnly() {
    assertThat(allows("get", "apps", "deployments", "default", "x")).isTrue();
    assertThat(allows("get", "apps", "deployments", "kube-system", "x")).isFalse();
    assertThat(allows("list", "apps", "deployments", "", "")).isFalse();
  }

  @Test
  void verbsGroupsSubresourcesAndNamesAllCount() {
    assertThat(allows("update", "apps", "deployments", "default", "x")).isFalse();
    assertThat(allows("get", "", "deployments", "default", "x")).isFalse();
    assertThat(allows("get", "apps", "deployments/scale", "default", "x")).isFalse();
    assertThat(allows("get", "apps", "statefulsets/status", "default", "x")).isTrue();
    assertThat(allows("delete", "", "secrets", "default", "mine")).isTrue();
    assertThat(allows("delete", "", "secrets", "default", "yours")).isFalse();
  }

  @Test
  void foreignTokensAreNobody() throws Exception {
    java.nio.file.Files.createDirectories(directory.resolve("a"));
    java.nio.file.Files.createDirectories(directory.resolve("b"));
    Tokens tokens = new Tokens(directory.resolve("a"));
    Tokens others = new Tokens(directory.resolve("b"));
    assertThat(tokens.identify(tokens.issue("default", "robot"))).contains(ROBOT);
    assertThat(tokens.identify(others.issue("default", "robot"))).isEmpty();
    assertThat(tokens.identify(others.admin())).isEmpty();
    assertThat(new Tokens(directory.resolve("a")).identify(tokens.admin()))
        .contains(Identity.ADMIN);
  }
}
