package io.aetherflow.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.Tuning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clusters in one real etcd. */
class ManyLinksTest {
  @TempDir Path data;

  /** Their watches alone are more streams than the server admits on one connection. */
  @Test
  void clustersBeyondTheStreamsOfOneConnectionAreServedToo() throws Exception {
    int clusters = EtcdClients.USERS_MAX + EtcdClients.STREAMS_MAX / 3;
    String bound = "--max-concurrent-streams=" + EtcdClients.STREAMS_MAX;
    try (EtcdProcess etcd = new EtcdProcess(data, bound);
        EtcdLinks<String> links = new EtcdLinks<>(name -> {})) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> {
            var revisions =
                IntStream.range(0, clusters)
                    .mapToObj(i -> links.follow("c" + i, target(etcd, i), tuning()).store())
                    .flatMap(Optional::stream)
                    .filter(stored -> stored.publishes(Tuning.DEFAULT.entries()))
                    .map(EtcdFacts.Stored::revision)
                    .collect(Collectors.toSet());
            assertThat(revisions).hasSize(clusters);
          });
    }
  }

  @Test
  void aClientIsSharedByAsManyAsFitAndFreedPlacesAreTaken() throws Exception {
    EtcdClients clients = new EtcdClients();
    EtcdTarget target =
        new EtcdTarget(List.of(new EtcdTarget.Member("solo", "http://127.0.0.1:9")), "");
    List<EtcdClients.Connection> all = new ArrayList<>();
    for (int i = 0; i <= EtcdClients.USERS_MAX; i++) {
      all.add(clients.connect(target));
    }
    assertThat(all.stream().map(EtcdClients.Connection::client).distinct()).hasSize(2);
    assertThat(all.get(EtcdClients.USERS_MAX - 1).client()).isSameAs(all.getFirst().client());

    all.removeFirst().close();
    all.add(clients.connect(target));
    assertThat(all.getLast().client()).isSameAs(all.getFirst().client());

    all.removeFirst().giveUp();
    all.add(clients.connect(target));
    assertThat(all.getLast().client())
        .as("not the one given up")
        .isNotSameAs(all.getFirst().client());
    all.forEach(EtcdClients.Connection::close);
  }

  private static Optional<Tuning> tuning() {
    return Optional.of(Tuning.DEFAULT);
  }

  private static EtcdTarget target(EtcdProcess etcd, int cluster) {
    return new EtcdTarget(
        List.of(new EtcdTarget.Member("solo", etcd.endpoint())), "/clusters/" + cluster);
  }
}
