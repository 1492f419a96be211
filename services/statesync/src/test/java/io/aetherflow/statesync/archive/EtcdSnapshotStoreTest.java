package io.aetherflow.statesync.archive;

import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.statesync.log.EtcdOpLog;
import io.aetherflow.statesync.log.OpLog;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

final class EtcdSnapshotStoreTest extends SnapshotStoreContract {
  private static EtcdServer etcd;
  private static Client client;

  @BeforeAll
  static void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
  }

  @BeforeEach
  void empty() {
    client
        .getKVClient()
        .delete(Bytes.of("/"), DeleteOption.builder().isPrefix(true).build())
        .join();
  }

  @AfterAll
  static void stop() {
    client.close();
    etcd.close();
  }

  @Override
  OpLog log() {
    return new EtcdOpLog(client, "test");
  }

  @Override
  SnapshotStore store() {
    return new EtcdSnapshotStore(client);
  }
}
