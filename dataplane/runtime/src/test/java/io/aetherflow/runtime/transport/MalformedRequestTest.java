package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A peer whose bytes are no message of the service. */
@Timeout(60)
final class MalformedRequestTest {
  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  @Test
  void theCallFailsAndTheConnectionStays() throws Exception {
    try (EtcdServer etcd = EtcdServer.running();
        AetherRuntime runtime = TestRuntimes.start(etcd, "session-service", "s-0")) {
      Server server =
          runtime
              .transports()
              .server(0)
              .addService(new HealthStatusManager().getHealthService())
              .build()
              .start();
      Channel channel =
          runtime
              .transports()
              .channelTo(InetSocketAddress.createUnresolved("127.0.0.1", server.getPort()));
      MethodDescriptor<byte[], byte[]> check =
          HealthGrpc.getCheckMethod().toBuilder(BYTES, BYTES).build();
      byte[] malformed = {(byte) 0xff, (byte) 0xff, 1};
      assertThatThrownBy(
              () -> ClientCalls.blockingUnaryCall(channel, check, CallOptions.DEFAULT, malformed))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNKNOWN));
      HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance());
      server.shutdownNow();
    }
  }
}
