package io.aetherflow.statesync.log;

final class MemoryOpLogTest extends OpLogContract {
  private final MemoryCompactionLock lock = new MemoryCompactionLock();
  private final OpLog log = new MemoryOpLog(lock);

  @Override
  OpLog log() {
    return log;
  }

  @Override
  CompactionLock lock(String holder) {
    return lock.of(holder);
  }
}
