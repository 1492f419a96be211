package io.aetherflow.statesync.log;

import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

final class EtcdOpLogTest extends OpLogContract {
  private static final long LEASE_SECONDS = 60;
  private static EtcdServer etcd;
  private static Client client;
  private static OpLog log;

  @BeforeAll
  static void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    long lease = client.getLeaseClient().grant(LEASE_SECONDS).join().getID();
    log = new EtcdOpLog(client, () -> lease);
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
    return log;
  }
}
