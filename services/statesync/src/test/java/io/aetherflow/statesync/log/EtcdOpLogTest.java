package io.aetherflow.statesync.log;

import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.testing.EtcdServer;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.DeleteOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

final class EtcdOpLogTest extends OpLogContract {
  private static EtcdServer etcd;
  private static Client client;
  private static OpLog log;

  @BeforeAll
  static void start() {
    etcd = EtcdServer.running();
    client = Client.builder().endpoints(etcd.endpoint()).waitForReady(true).build();
    log = new EtcdOpLog(client);
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
