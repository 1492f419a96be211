package io.aetherflow.statesync;

import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.RuntimeOptions;
import java.io.IOException;

/** The statesync pod. */
public final class StateSyncMain {
  private static final String SERVICE = "statesync-service";
  private static final int PORT = 9091;

  private StateSyncMain() {}

  public static void main(String[] args) throws InterruptedException {
    try {
      run(AetherRuntime.start(RuntimeOptions.fromEnvironment(System.getenv())));
    } catch (IOException | IllegalArgumentException e) {
      System.err.println(SERVICE + ": " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(AetherRuntime runtime) throws IOException, InterruptedException {
    StateSyncServer server = new StateSyncServer(runtime, PORT);
    runtime.register(SERVICE, PORT);
    runtime.onDrain("shards", server::leave);
    runtime.onDrain("grpc", server::stop);
    runtime.awaitTermination();
  }
}
