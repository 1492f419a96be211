package io.aetherflow.statesync.archive;

import io.aetherflow.statesync.log.MemoryCompactionLock;
import io.aetherflow.statesync.log.MemoryOpLog;
import io.aetherflow.statesync.log.OpLog;

final class MemorySnapshotStoreTest extends SnapshotStoreContract {
  private final MemoryOpLog log = new MemoryOpLog(new MemoryCompactionLock());
  private final SnapshotStore store = new MemorySnapshotStore(log);

  @Override
  OpLog log() {
    return log;
  }

  @Override
  SnapshotStore store() {
    return store;
  }
}
