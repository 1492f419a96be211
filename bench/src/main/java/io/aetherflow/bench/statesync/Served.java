package io.aetherflow.bench.statesync;

import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An instance that serves its documents, and its caller. */
final class Served implements AutoCloseable {
  private final Instance instance;
  private final Caller caller;

  /**
   * Blocks until the instance serves.
   *
   * @param dir for configuration and log; the caller deletes it
   * @param flags of the instance's JVM besides those of a Production pod
   */
  Served(EtcdMembers etcd, Path dir, List<String> flags, int documents)
      throws IOException, InterruptedException {
    Path config = etcd.podConfig(dir);
    instance = new Instance(config, dir, flags);
    try {
      caller = new Caller(config, instance.address(), documents);
    } catch (IOException | RuntimeException e) {
      instance.close();
      throw e;
    }
    try {
      if (!caller.awaitServing(instance::isAlive)) {
        throw new BenchFailure("The statesync instance does not serve: " + instance.log());
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      close();
      throw e;
    }
  }

  Instance instance() {
    return instance;
  }

  Caller caller() {
    return caller;
  }

  @Override
  public void close() {
    try {
      caller.close();
    } finally {
      instance.close();
    }
  }
}
