package io.aetherflow.operator.etcd;

import io.aetherflow.operator.certificates.EtcdPki;
import io.aetherflow.operator.certificates.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLSocket;

/**
 * Real etcd processes with the flags of the operator's StatefulSet. All read their certificates
 * from one directory, as pods do from one Secret.
 */
final class TlsMembers implements AutoCloseable {
  private record Member(String name, String client, String peer) {}

  private final Path dir;
  private final Path files;
  private final List<Member> members = new ArrayList<>();
  private final Process[] processes;

  TlsMembers(Path dir, int count) throws IOException {
    this.dir = dir;
    this.files = Files.createDirectory(dir.resolve("tls"));
    this.processes = new Process[count];
    for (int i = 0; i < count; i++) {
      members.add(new Member("m-" + i, url(freePort()), url(freePort())));
    }
  }

  /** Replaces the files, as a kubelet does when the Secret changes. */
  void mount(EtcdPki pki) throws IOException {
    replace("ca.crt", pki.trustPem());
    for (Role role : List.of(Role.SERVER, Role.PEER)) {
      replace(role.certificateKey(), pki.leaves().get(role).certificatePem());
      replace(role.privateKeyKey(), pki.leaves().get(role).keyPem());
    }
  }

  private void replace(String name, String text) throws IOException {
    Path next = Files.writeString(files.resolve("next"), text);
    Files.move(
        next,
        files.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  void start(int ordinal) throws IOException {
    Member member = members.get(ordinal);
    processes[ordinal] =
        new ProcessBuilder(
                "etcd",
                "--name=" + member.name(),
                "--data-dir=" + dir.resolve(member.name()),
                "--listen-client-urls=" + member.client(),
                "--advertise-client-urls=" + member.client(),
                "--listen-peer-urls=" + member.peer(),
                "--initial-advertise-peer-urls=" + member.peer(),
                "--initial-cluster="
                    + members.stream()
                        .map(each -> each.name() + "=" + each.peer())
                        .collect(Collectors.joining(",")),
                "--client-cert-auth",
                "--trusted-ca-file=" + files.resolve("ca.crt"),
                "--cert-file=" + files.resolve("server.crt"),
                "--key-file=" + files.resolve("server.key"),
                "--peer-client-cert-auth",
                "--peer-trusted-ca-file=" + files.resolve("ca.crt"),
                "--peer-cert-file=" + files.resolve("peer.crt"),
                "--peer-key-file=" + files.resolve("peer.key"),
                "--peer-cert-allowed-cn=" + Role.PEER.commonName(),
                "--heartbeat-interval=50",
                "--election-timeout=500",
                "--logger=zap")
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(dir.resolve(member.name() + ".log").toFile()))
            .start();
  }

  /** As a kubelet ends a pod. */
  void stop(int ordinal) throws InterruptedException {
    processes[ordinal].destroy();
    processes[ordinal].waitFor(20, TimeUnit.SECONDS);
  }

  EtcdTarget target(EtcdIdentity identity) {
    return new EtcdTarget(
        members.stream().map(each -> new EtcdTarget.Member(each.name(), each.client())).toList(),
        "",
        true,
        Optional.of(identity));
  }

  List<String> endpoints() {
    return members.stream().map(Member::client).toList();
  }

  List<Long> processIds() {
    return IntStream.range(0, processes.length).mapToObj(i -> processes[i].pid()).toList();
  }

  /** The certificate that a member shows in a new handshake with its clients. */
  X509Certificate shown(int ordinal, EtcdIdentity identity) throws IOException {
    URI uri = URI.create(members.get(ordinal).client());
    try (SSLSocket socket =
        (SSLSocket) identity.http().getSocketFactory().createSocket(uri.getHost(), uri.getPort())) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private static String url(int port) {
    return "https://127.0.0.1:" + port;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws InterruptedException {
    for (Process each : processes) {
      if (each != null) {
        each.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    }
  }
}
