package io.aetherflow.quantum.grpc;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The suite's case of keep-alive, on every transport at once: it is 12 s of waiting, for gRPC takes
 * no interval below 10 s.
 */
@Timeout(60)
class KeepAliveTest {
  @BeforeAll
  static void makeCertificate(@TempDir Path directory) throws Exception {
    TlsQuantumGrpcTest.makeCertificate(directory);
  }

  @Test
  void aSilentCallIsHeldAndThatOfAClientThatHangsEndsOnEveryTransport() throws Exception {
    List<GrpcContract> transports =
        List.of(
            new TcpGrpcTest(),
            new QuantumGrpcTest(),
            new NioQuantumGrpcTest(),
            new TlsQuantumGrpcTest(),
            new LossyQuantumGrpcTest());
    AssertionError failures = new AssertionError("keep-alive");
    try (ExecutorService atOnce = Executors.newFixedThreadPool(transports.size())) {
      Map<String, Future<?>> running = new LinkedHashMap<>();
      for (GrpcContract each : transports) {
        running.put(
            each.getClass().getSimpleName(),
            atOnce.submit(() -> {
              run(each);
              return null;
            }));
      }
      for (Map.Entry<String, Future<?>> each : running.entrySet()) {
        try {
          each.getValue().get();
        } catch (ExecutionException e) {
          failures.addSuppressed(new AssertionError(each.getKey(), e.getCause()));
        }
      }
    }
    if (failures.getSuppressed().length > 0) {
      throw failures;
    }
  }

  private static void run(GrpcContract transport) throws Exception {
    transport.start();
    try {
      transport.keepAliveHoldsASilentCallAndEndsThatOfAClientThatHangs();
    } finally {
      transport.stop();
    }
  }
}
