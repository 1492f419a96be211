package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody grants what they do not have. */
class GrantRightsTest {
  private static final String GROUP = "rbac.authorization.k8s.io";
  private static final PolicyRule ROLES = Robot.rule(GROUP, "roles", "get", "create", "patch");
  private static final PolicyRule BINDINGS =
      Robot.rule(GROUP, "rolebindings", "get", "create", "patch");
  private static final PolicyRule READS_PODS = Robot.rule("", "pods", "get", "list");

  @TempDir private Path state;
  private Robot robot;

  @BeforeEach
  void start() throws Exception {
    robot = new Robot(state);
  }

  @AfterEach
  void stop() throws Exception {
    robot.close();
  }

  @Test
  void aRoleHoldsNoMoreThanItsWriterHas() {
    robot.may(ROLES, Robot.rule("", "pods", "get"));
    assertRefused(() -> robot.client.resource(role()).create());
    assertRefused(() -> robot.client.resource(role()).patch(Robot.APPLY));

    robot.may(ROLES, READS_PODS);
    assertThat(robot.client.resource(role()).patch(Robot.APPLY).getRules()).hasSize(1);

    robot.may(ROLES, Robot.rule(GROUP, "roles", "escalate"));
    assertThat(robot.client.resource(role()).patch(Robot.APPLY).getRules()).hasSize(1);
  }

  @Test
  void aBindingGivesNoMoreThanItsWriterHas() {
    robot.admin.resource(role()).create();
    robot.may(BINDINGS);
    assertRefused(() -> robot.client.resource(binding()).create());

    robot.may(BINDINGS, READS_PODS);
    assertThat(robot.client.resource(binding()).create()).isNotNull();

    robot.admin.resource(binding()).delete();
    robot.may(BINDINGS, Robot.rule(GROUP, "roles", "bind"));
    assertThat(robot.client.resource(binding()).patch(Robot.APPLY)).isNotNull();
  }

  @Test
  void pathsThatAreNoObjectsAreGrantedByNobody() {
    robot.may(Robot.rule(GROUP, "clusterroles", "create"), Robot.rule("*", "*", "get"));
    ClusterRole role =
        new ClusterRoleBuilder()
            .withNewMetadata()
            .withName("scraper")
            .endMetadata()
            .addNewRule()
            .withNonResourceURLs("/metrics")
            .withVerbs("get")
            .endRule()
            .build();

    assertRefused(() -> robot.client.resource(role).create());
    assertThat(robot.admin.resource(role).create()).isNotNull();
  }

  private static void assertRefused(Runnable write) {
    assertThatThrownBy(write::run)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403))
        .hasMessageContaining("not currently held");
  }

  private static Role role() {
    return new RoleBuilder()
        .withNewMetadata()
        .withName("reader")
        .withNamespace("default")
        .endMetadata()
        .withRules(READS_PODS)
        .build();
  }

  private static RoleBinding binding() {
    return new RoleBindingBuilder()
        .withNewMetadata()
        .withName("reader")
        .withNamespace("default")
        .endMetadata()
        .withNewRoleRef(GROUP, "Role", "reader")
        .build();
  }
}
