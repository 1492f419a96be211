package io.aetherflow.statesync.testing;

import static org.awaitility.Awaitility.await;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.aetherflow.statesync.shard.Shards;
import io.etcd.jetcd.options.GetOption;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/** Real statesync processes over a real etcd, and a runtime to call them from. */
public final class Cluster implements AutoCloseable {
  /** Three cold JVMs on a machine that does much else. */
  private static final Duration SETTLE = Duration.ofSeconds(60);

  private final EtcdServer etcd = EtcdServer.running();
  private final Path dir;
  private final AetherRuntime caller;
  private final Map<String, Instance> instances = new ConcurrentHashMap<>();
  // One network of loopback per test run, so that runs on one machine do not meet.
  private final String network =
      "127."
          + ThreadLocalRandom.current().nextInt(1, 255)
          + "."
          + ThreadLocalRandom.current().nextInt(1, 255)
          + ".";
  private int started;

  public Cluster(String... names) {
    try {
      dir = Files.createTempDirectory("statesync-test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    caller = TestRuntimes.start(etcd, "test", "caller");
    for (String name : names) {
      start(name);
    }
    try {
      await().atMost(SETTLE).pollInterval(Duration.ofMillis(200)).until(() -> settled(names));
    } catch (ConditionTimeoutException e) {
      close();
      throw e;
    }
  }

  /** Where the instances write their logs. */
  public Path dir() {
    return dir;
  }

  public EtcdServer etcd() {
    return etcd;
  }

  public AetherRuntime caller() {
    return caller;
  }

  public Instance start(String name) {
    Instance instance = Instance.start(etcd, name, network + ++started, dir);
    instances.put(name, instance);
    return instance;
  }

  public Instance instance(String name) {
    return instances.get(name);
  }

  public Channel channel(String address) {
    String[] parts = address.split(":");
    return caller
        .transports()
        .channelTo(InetSocketAddress.createUnresolved(parts[0], Integer.parseInt(parts[1])));
  }

  /** What the first instance that answers says. */
  public Optional<LocateDocumentResponse> locate(String document) {
    return locate(document, 0);
  }

  /**
   * As above.
   *
   * @param staleEpoch of the owner that was lost; waits a moment for the next one
   */
  public Optional<LocateDocumentResponse> locate(String document, long staleEpoch) {
    for (Instance instance : instances.values()) {
      if (instance.alive()) {
        try {
          return Optional.of(locate(document, staleEpoch, instance));
        } catch (StatusRuntimeException e) {
          continue;
        }
      }
    }
    return Optional.empty();
  }

  private LocateDocumentResponse locate(String document, long staleEpoch, Instance at) {
    return RoutingServiceGrpc.newBlockingStub(channel(at.address()))
        .withDeadlineAfter(300, TimeUnit.MILLISECONDS)
        .locateDocument(
            LocateDocumentRequest.newBuilder()
                .setDocument(document)
                .setStaleEpoch(staleEpoch)
                .build());
  }

  /** Whether each shard belongs to the one of these instances that hashing proposes. */
  public boolean settled(String... names) {
    var owners =
        caller
            .etcd()
            .client()
            .getKVClient()
            .get(Bytes.of(EtcdKeys.OWNERS), GetOption.builder().isPrefix(true).build())
            .join()
            .getKvs();
    return owners.size() == Shards.COUNT
        && owners.stream()
            .allMatch(each -> {
              int shard =
                  Integer.parseInt(Bytes.text(each.getKey()).substring(EtcdKeys.OWNERS.length()));
              String proposed = Shards.proposedOwner(shard, List.of(names)).orElseThrow();
              return Bytes.text(each.getValue()).startsWith(proposed + " ");
            });
  }

  public Instance ownerOf(String document) {
    LocateDocumentResponse found = locate(document).orElseThrow();
    return instances.get(found.getOwner());
  }

  @Override
  public void close() {
    caller.close();
    instances.values().forEach(Instance::close);
    etcd.close();
  }
}
