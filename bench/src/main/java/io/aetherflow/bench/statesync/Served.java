package io.aetherflow.bench.statesync;

import io.aetherflow.api.Tuning;
import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
    Path config = config(etcd, dir);
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

  private static Path config(EtcdMembers etcd, Path dir) throws IOException {
    Path config = Files.createDirectories(dir.resolve("config"));
    Files.writeString(
        config.resolve("etcd-endpoints"),
        etcd.endpoints().stream().map(URI::toString).collect(Collectors.joining(",")));
    for (Map.Entry<String, String> entry : Tuning.DEFAULT.entries().entrySet()) {
      String file = entry.getKey().substring("/config/".length()).replace('/', '.');
      Files.writeString(config.resolve(file), entry.getValue());
    }
    return config;
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
