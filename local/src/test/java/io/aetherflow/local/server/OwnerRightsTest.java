package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An object that holds up its owner's deletion needs a right on the owner, and other owners need
 * one on the object.
 */
class OwnerRightsTest {
  private static final PolicyRule WRITES =
      Robot.rule("", "configmaps", "get", "create", "update", "patch");
  private static final PolicyRule DELETES = Robot.rule("", "configmaps", "delete");

  private static final String CANNOT_DELETE = "you can't delete";

  @TempDir private Path state;
  private Robot robot;
  private ConfigMap owner;

  @BeforeEach
  void start() throws Exception {
    robot = new Robot(state);
    robot.may(WRITES);
    owner = robot.admin.resource(map("owner").build()).create();
  }

  @AfterEach
  void stop() throws Exception {
    robot.close();
  }

  @Test
  void withoutTheRightNoOwnerIsHeldUpByWhateverWrite() {
    robot.may(WRITES, DELETES);
    ConfigMap holding = owned(true);
    ConfigMap plain = owned(false);

    assertRefused(() -> robot.client.resource(holding).create());
    assertRefused(() -> robot.client.resource(holding).patch(Robot.APPLY));
    robot.client.resource(plain).create();
    assertRefused(() -> robot.client.resource(holding).update());
    assertRefused(() -> robot.client.resource(holding).patch(Robot.APPLY));
    assertRefused(() ->
        robot
            .client
            .resource(plain)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                """
                {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap",
                  "name": "owner", "uid": "%s", "blockOwnerDeletion": true}]}}
                """
                    .formatted(owner.getMetadata().getUid())));
  }

  @Test
  void theRightIsThatToWriteTheOwnersFinalizers() {
    robot.may(WRITES, Robot.rule("", "configmaps/finalizers", "update"));

    assertThat(
            robot
                .client
                .resource(owned(true))
                .patch(Robot.APPLY)
                .getMetadata()
                .getOwnerReferences())
        .hasSize(1);
  }

  /** What somebody else set is no new reference. */
  @Test
  void whoChangesSomethingElseNeedsNoRight() {
    robot.admin.resource(owned(true)).create();

    ConfigMap changed =
        robot
            .client
            .resource(new ConfigMapBuilder(owned(true)).addToData("colour", "green").build())
            .patch(Robot.APPLY);

    assertThat(changed.getData()).containsEntry("colour", "green");
  }

  @Test
  void onlyWhoMayDeleteAnObjectChangesItsOwners() {
    robot.admin.resource(map("owned").build()).create();
    assertRefused(() -> robot.client.resource(owned(false)).update(), CANNOT_DELETE);
    assertRefused(() -> robot.client.resource(owned(false)).patch(Robot.APPLY), CANNOT_DELETE);

    robot.may(WRITES, DELETES);
    robot.client.resource(owned(false)).update();

    robot.may(WRITES);
    assertRefused(() -> robot.client.resource(map("owned").build()).update(), CANNOT_DELETE);
  }

  private static void assertRefused(Runnable write) {
    assertRefused(write, "blockOwnerDeletion");
  }

  private static void assertRefused(Runnable write, String why) {
    assertThatThrownBy(write::run)
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403))
        .hasMessageContaining(why);
  }

  private ConfigMap owned(boolean holdsUp) {
    return map("owned")
        .editMetadata()
        .addNewOwnerReference()
        .withApiVersion("v1")
        .withKind("ConfigMap")
        .withName("owner")
        .withUid(owner.getMetadata().getUid())
        .withBlockOwnerDeletion(holdsUp)
        .endOwnerReference()
        .endMetadata()
        .build();
  }

  private static ConfigMapBuilder map(String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata();
  }
}
