package io.aetherflow.statesync.log;

final class MemoryOpLogTest extends OpLogContract {
  private final OpLog log = new MemoryOpLog();

  @Override
  OpLog log() {
    return log;
  }
}
