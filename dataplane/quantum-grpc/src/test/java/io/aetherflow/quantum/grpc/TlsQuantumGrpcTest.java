package io.aetherflow.quantum.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The suite with gRPC's own TLS, both ends authenticated, over a Quantum stream. */
class TlsQuantumGrpcTest extends GrpcContract {
  private static final String PASSWORD = "changeit";

  private static KeyManagerFactory keys;
  private static TrustManagerFactory trust;

  private final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);

  @BeforeAll
  static void makeCertificate(@TempDir Path directory) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(runKeytool(directory))) {
      store.load(in, PASSWORD.toCharArray());
    }
    keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("test", store.getCertificate("test"));
    trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
  }

  /** The JDK's keytool makes a certificate that both ends own and trust. */
  private static Path runKeytool(Path directory) throws Exception {
    Path file = directory.resolve("keys.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String options = "-genkeypair -alias test -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1";
    String[] command =
        (keytool + " " + options + " -storetype PKCS12 -keystore " + file + " -storepass ")
            .concat(PASSWORD)
            .split(" ");
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
    return file;
  }

  private static SslContext context(SslContextBuilder builder) {
    try {
      return GrpcSslContexts.configure(builder.trustManager(trust), SslProvider.JDK).build();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  NettyServerBuilder server(InetSocketAddress address) {
    SslContextBuilder ssl = SslContextBuilder.forServer(keys).clientAuth(ClientAuth.REQUIRE);
    return QuantumServerBuilder.forAddress(transport, address).sslContext(context(ssl));
  }

  @Override
  NettyChannelBuilder channel(InetSocketAddress server) {
    SslContextBuilder ssl = SslContextBuilder.forClient().keyManager(keys);
    return QuantumChannelBuilder.forAddress(transport, server.getHostString(), server.getPort())
        .sslContext(context(ssl));
  }
}
