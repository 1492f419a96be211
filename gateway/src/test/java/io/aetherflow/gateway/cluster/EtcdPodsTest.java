package io.aetherflow.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EtcdPodsTest {
  @Test
  void aPodIsWhoRegisteredAndItsTuningIsItsOwnWord() {
    AppliedTuning tuning =
        new AppliedTuning(7, "2026-01-02T03:04:05Z", Map.of(), "uid", "2026-01-02T03:04:00Z");

    List<Pods.Pod> pods =
        EtcdPods.pods(
            new TreeMap<>(
                Map.of(
                    EtcdKeys.instance("session-service", "s-1"), new Versioned("10.0.0.1:9000", 3),
                    EtcdKeys.instance("session-service", "s-2"), new Versioned("nonsense", 4),
                    EtcdKeys.instance("own", "o-1"), new Versioned("10.0.0.2:80", 5))),
            Map.of(
                EtcdKeys.appliedTuning("session-service", "s-1"),
                new Versioned(tuning.toJson(), 8),
                EtcdKeys.appliedTuning("own", "o-1"),
                new Versioned("not JSON", 9)),
            9464);

    assertThat(pods).extracting(Pods.Pod::name).containsExactly("o-1", "s-1");
    assertThat(pods.get(0).tuning()).isEmpty();
    assertThat(pods.get(1).tuning()).contains(tuning);
    assertThat(pods.get(1).metrics()).hasToString("http://10.0.0.1:9464/metrics");
  }
}
