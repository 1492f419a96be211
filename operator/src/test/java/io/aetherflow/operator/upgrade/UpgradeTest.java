package io.aetherflow.operator.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpgradeTest {
  private static final Progress WELL = new Progress.Complete();
  private static final Progress STARTS = new Progress.Underway("1 of 2 pods are ready");
  private static final Progress BROKEN = new Progress.Failed("pod x: no such image");

  @Test
  void aNewClusterIsMadeAllAtOnce() {
    UpgradePlan plan =
        Upgrade.plan(List.of(etcd("", "3.5.1", STARTS), session("", "0.1.0", STARTS)), false);

    assertThat(plan.images())
        .containsEntry("etcd", "etcd:v3.5.1")
        .containsEntry("session-service", "aetherflow/session:0.1.0");
    assertThat(plan.state()).isInstanceOf(UpgradeState.Unsettled.class);
  }

  @Test
  void anUpgradeIsToldBeforeTheFirstImageChanges() {
    List<Component> outdated =
        List.of(session("0.1.0", "0.2.0", WELL), gateway("0.1.0", "0.2.0", WELL));
    UpgradePlan told = Upgrade.plan(outdated, false);

    assertThat(told.images())
        .containsEntry("session-service", "aetherflow/session:0.1.0")
        .containsEntry("api-gateway", "aetherflow/gateway:0.1.0");
    assertThat(told.state()).isEqualTo(Upgrade.plan(outdated, true).state());
  }

  @Test
  void servicesGoBeforeGatewaysWhateverTheOrderGiven() {
    UpgradePlan plan =
        Upgrade.plan(
            List.of(gateway("0.1.0", "0.2.0", WELL), session("0.1.0", "0.2.0", WELL)), true);

    assertThat(plan.images())
        .containsEntry("session-service", "aetherflow/session:0.2.0")
        .containsEntry("api-gateway", "aetherflow/gateway:0.1.0");
    assertThat(plan.state())
        .isEqualTo(
            new UpgradeState.Rolling(
                Stage.SERVICES,
                "session-service",
                "aetherflow/session:0.2.0 replaces aetherflow/session:0.1.0",
                List.of("api-gateway")));
  }

  @Test
  void theKeeperOfSnapshotsComesLastAndStaysWhenTheVersionIsRefused() {
    assertThat(
            Upgrade.plan(List.of(keeper("0.1.0", "0.2.0"), gateway("0.1.0", "0.2.0", WELL)), true)
                .images())
        .containsEntry("etcd-backup", "aetherflow/operator:0.1.0");
    assertThat(
            Upgrade.plan(List.of(keeper("0.1.0", "0.2.0"), gateway("0.2.0", "0.2.0", WELL)), true)
                .images())
        .containsEntry("etcd-backup", "aetherflow/operator:0.2.0");
    assertThat(
            Upgrade.plan(List.of(keeper("0.1.0", "0.9.0"), gateway("0.1.0", "0.9.0", WELL)), true)
                .images())
        .containsEntry("etcd-backup", "aetherflow/operator:0.1.0");
    assertThat(Upgrade.plan(List.of(keeper("0.1.0", "0.9.0")), true).images())
        .as("where the programs that talk to each other are given in full")
        .containsEntry("etcd-backup", "aetherflow/operator:0.9.0");
  }

  @Test
  void anEtcdThatIsNotWellKeepsTheServicesBack() {
    List<Component> components =
        List.of(etcd("3.5.1", "3.5.1", STARTS), session("0.1.0", "0.2.0", WELL));

    assertThat(Upgrade.plan(components, true).images())
        .containsEntry("session-service", "aetherflow/session:0.1.0");
    for (boolean underway : List.of(false, true)) {
      assertThat(Upgrade.plan(components, underway).state())
          .isEqualTo(
              new UpgradeState.Rolling(
                  Stage.ETCD, "etcd", "1 of 2 pods are ready", List.of("session-service")));
    }
  }

  @Test
  void aFailedStepHaltsTheRestAndIsNotHeldAgainstItsOwnRevert() {
    List<Component> failed =
        List.of(session("0.2.0", "0.2.0", BROKEN), gateway("0.1.0", "0.2.0", WELL));
    assertThat(Upgrade.plan(failed, true).state())
        .isEqualTo(
            new UpgradeState.Halted(
                Stage.SERVICES, "session-service", "pod x: no such image", List.of("api-gateway")));

    UpgradePlan revert =
        Upgrade.plan(
            List.of(session("0.2.0", "0.1.0", BROKEN), gateway("0.1.0", "0.1.0", WELL)), true);
    assertThat(revert.images()).containsEntry("session-service", "aetherflow/session:0.1.0");
  }

  @Test
  void aPodLostWithoutAnUpgradeIsNoUpgrade() {
    assertThat(Upgrade.plan(List.of(gateway("0.1.0", "0.1.0", STARTS)), false).state())
        .isEqualTo(new UpgradeState.Unsettled("api-gateway", "1 of 2 pods are ready"));
  }

  @Test
  void theLastStepIsToldUntilItIsComplete() {
    List<Component> last = List.of(gateway("0.2.0", "0.2.0", STARTS));

    assertThat(Upgrade.plan(last, true).state()).isInstanceOf(UpgradeState.Rolling.class);
    assertThat(Upgrade.plan(List.of(gateway("0.2.0", "0.2.0", WELL)), true).state())
        .isEqualTo(new UpgradeState.Complete());
  }

  @ParameterizedTest
  @CsvSource({
    "0.1.0, 0.1.7, true",
    "0.1.0, 0.2.0, true",
    "0.2.0, 0.1.0, true",
    "0.1.0, 0.3.0, false",
    "0.3.0, 0.1.0, false",
    "0.9.2, 1.0.1, true",
    "1.0.1, 0.9.2, true",
    "0.9.2, 1.1.0, false",
    "0.9.2, 2.0.0, false",
    "0.1.0-rc1, 0.2.0-rc.2, true",
  })
  void oneMinorVersionAtATime(String from, String to, boolean allowed) {
    UpgradePlan plan =
        Upgrade.plan(List.of(session(from, to, WELL), gateway(from, to, WELL)), true);

    assertThat(plan.state() instanceof UpgradeState.Refused).isEqualTo(!allowed);
    if (!allowed) {
      assertThat(plan.images())
          .containsEntry("session-service", "aetherflow/session:" + from)
          .containsEntry("api-gateway", "aetherflow/gateway:" + from);
    }
  }

  @Test
  void etcdGoesBackOnlyBeforeAllMembersRunTheLaterVersion() {
    assertThat(Upgrade.plan(List.of(etcd("3.6.0", "3.5.1", WELL)), false).state())
        .isInstanceOf(UpgradeState.Refused.class);
    assertThat(Upgrade.plan(List.of(etcd("3.6.0", "3.5.1", BROKEN)), true).state())
        .isInstanceOf(UpgradeState.Rolling.class);
    assertThat(Upgrade.plan(List.of(etcd("3.5.21", "3.5.1", WELL)), false).state())
        .isInstanceOf(UpgradeState.Rolling.class);
    assertThat(Upgrade.plan(List.of(etcd("3.4.9", "3.6.0", WELL)), false).state())
        .isInstanceOf(UpgradeState.Refused.class);
  }

  @Test
  void programsThatCannotTalkToEachOtherAreNotMixed() {
    // The gateway's image is given in full and stays behind.
    UpgradePlan plan =
        Upgrade.plan(
            List.of(session("0.2.0", "0.3.0", WELL), gateway("0.1.0", "0.1.0", WELL)), true);

    assertThat(plan.state()).isInstanceOf(UpgradeState.Refused.class);
    assertThat(plan.images()).containsEntry("session-service", "aetherflow/session:0.2.0");
  }

  @Test
  void whatIsNotOursMayHaveAnyTag() {
    Component own =
        new Component(
            "ledger", Kind.OWN_SERVICE, "ledger:9.0.0", Optional.of("ledger:1.0.0"), WELL);
    Component custom =
        new Component(
            "api-gateway",
            Kind.GATEWAY,
            "mine/gw:7.1.0",
            Optional.of("aetherflow/gateway:0.1.0"),
            WELL);

    assertThat(Upgrade.plan(List.of(own, custom), true).images())
        .containsEntry("ledger", "ledger:9.0.0");
    assertThat(Upgrade.plan(List.of(custom), true).images())
        .containsEntry("api-gateway", "mine/gw:7.1.0");
  }

  @Test
  void versionsAreReadFromTags() {
    assertThat(ImageVersion.of("registry:5000/a/etcd:v3.5.21@sha256:00"))
        .contains(new ImageVersion("etcd", 3, 5));
    assertThat(ImageVersion.of("registry:5000/a/etcd")).isEmpty();
    assertThat(ImageVersion.of("gateway:latest")).isEmpty();
    assertThat(ImageVersion.of("gateway:no-such-tag")).isEmpty();
  }

  private static Component etcd(String from, String to, Progress progress) {
    return component("etcd", Kind.ETCD, "etcd:v", from, to, progress);
  }

  private static Component session(String from, String to, Progress progress) {
    return component("session-service", Kind.SERVICE, "aetherflow/session:", from, to, progress);
  }

  private static Component gateway(String from, String to, Progress progress) {
    return component("api-gateway", Kind.GATEWAY, "aetherflow/gateway:", from, to, progress);
  }

  private static Component keeper(String from, String to) {
    return component("etcd-backup", Kind.KEEPER, "aetherflow/operator:", from, to, WELL);
  }

  private static Component component(
      String name, Kind kind, String repository, String from, String to, Progress progress) {
    Optional<String> chosen = from.isEmpty() ? Optional.empty() : Optional.of(repository + from);
    return new Component(name, kind, repository + to, chosen, progress);
  }
}
