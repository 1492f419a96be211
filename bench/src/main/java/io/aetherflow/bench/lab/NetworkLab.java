package io.aetherflow.bench.lab;

import io.aetherflow.bench.BenchFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;

/**
 * Two hosts, {@link #CLIENT_ADDRESS} and {@link #SERVER_ADDRESS}, with one link between them. Ends
 * its namespaces on close and when the JVM ends; what a killed run left is removed by the next one.
 */
public final class NetworkLab implements AutoCloseable {
  public static final String CLIENT_ADDRESS = "10.250.0.1";
  public static final String SERVER_ADDRESS = "10.250.0.2";

  private static final int MTU_BYTES = 1500;

  /** The link must see every packet, also after a pause of its thread. */
  private static final String DEVICE_QUEUE_PACKETS = "10000";

  private static final String PREFIX = "aflab-";

  private final String clientNamespace;
  private final String serverNamespace;
  private final String clientDevice;
  private final String serverDevice;
  private final Tun clientTun;
  private final Tun serverTun;
  private final Link link;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread hook = new Thread(this::removeNamespaces, "lab-cleanup");

  private NetworkLab(LinkShape shape, long seed) throws InterruptedException {
    long pid = ProcessHandle.current().pid();
    clientNamespace = PREFIX + pid + "-c";
    serverNamespace = PREFIX + pid + "-s";
    clientDevice = "aft" + pid + "c";
    serverDevice = "aft" + pid + "s";
    Runtime.getRuntime().addShutdownHook(hook);
    List<AutoCloseable> undo = new ArrayList<>();
    try {
      clientTun = host(clientNamespace, clientDevice, CLIENT_ADDRESS, SERVER_ADDRESS, undo);
      serverTun = host(serverNamespace, serverDevice, SERVER_ADDRESS, CLIENT_ADDRESS, undo);
      link = new Link(clientTun, serverTun, shape, seed);
      link.start();
    } catch (RuntimeException | InterruptedException e) {
      removeNamespaces();
      undo.forEach(NetworkLab::closeQuietly);
      Runtime.getRuntime().removeShutdownHook(hook);
      throw e;
    }
  }

  /** Opens a lab; without root it is a {@link BenchFailure} that says so. */
  public static NetworkLab open(LinkShape shape, long seed) throws InterruptedException {
    if (!isPossible()) {
      throw new BenchFailure(
          "The network lab makes network namespaces and TUN devices and needs root on Linux: "
              + "run it with sudo, or without --rtt, --loss and --rate over loopback.");
    }
    removeLeftovers();
    return new NetworkLab(shape, seed);
  }

  /** Whether this process may make a lab. */
  public static boolean isPossible() {
    return Files.isWritable(Path.of("/dev/net/tun"))
        && Commands.attempt("id", "-u").output().strip().equals("0");
  }

  private static Tun host(
      String namespace, String device, String address, String peer, List<AutoCloseable> undo) {
    Commands.run("ip", "netns", "add", namespace);
    Tun tun = Tun.open(device);
    undo.add(tun);
    Commands.run("ip", "link", "set", device, "netns", namespace);
    ip(namespace, "link", "set", "lo", "up");
    ip(namespace, "link", "set", device, "mtu", String.valueOf(MTU_BYTES));
    ip(namespace, "link", "set", device, "txqueuelen", DEVICE_QUEUE_PACKETS);
    ip(namespace, "addr", "add", address, "peer", peer, "dev", device);
    ip(namespace, "link", "set", device, "up");
    return tun;
  }

  private static void ip(String namespace, String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
    command.addAll(List.of(arguments));
    Commands.run(command.toArray(String[]::new));
  }

  private static void removeLeftovers() {
    for (String line : Commands.run("ip", "netns", "list").lines().toList()) {
      String name = line.split(" ")[0];
      if (name.startsWith(PREFIX) && !isAlive(name)) {
        Commands.attempt("ip", "netns", "del", name);
      }
    }
  }

  private static boolean isAlive(String namespace) {
    String pid = namespace.substring(PREFIX.length(), namespace.lastIndexOf('-'));
    return ProcessHandle.of(Long.parseLong(pid)).isPresent();
  }

  /** Words to put before a command so that it runs on the client host. */
  public List<String> onClient() {
    return List.of("ip", "netns", "exec", clientNamespace);
  }

  /** Words to put before a command so that it runs on the server host. */
  public List<String> onServer() {
    return List.of("ip", "netns", "exec", serverNamespace);
  }

  /** Sets a kernel parameter of both hosts, such as TCP's congestion control. */
  public void setOnBoth(String parameter, String value) {
    for (String namespace : List.of(clientNamespace, serverNamespace)) {
      Commands.run("ip", "netns", "exec", namespace, "sysctl", "-q", "-w", parameter + "=" + value);
    }
  }

  /**
   * Congestion control of later TCP connections between the hosts. By route, for a namespace's
   * default may only be what the whole machine allows.
   */
  public void setTcpCongestionControl(String name) {
    route(clientNamespace, SERVER_ADDRESS, CLIENT_ADDRESS, clientDevice, name);
    route(serverNamespace, CLIENT_ADDRESS, SERVER_ADDRESS, serverDevice, name);
  }

  private static void route(String namespace, String to, String from, String device, String name) {
    ip(namespace, "route", "replace", to, "dev", device, "src", from, "congctl", name);
  }

  /** What left the client. */
  public LinkCounters clientToServer() {
    return link.rightward();
  }

  /** What left the server. */
  public LinkCounters serverToClient() {
    return link.leftward();
  }

  /** How late packets left the link since the last call, in nanoseconds. */
  public Histogram takeLateness() {
    return link.takeLateness();
  }

  /** What the machine allowed the link's thread. */
  public String scheduling() {
    return link.scheduling();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      link.close();
      clientTun.close();
      serverTun.close();
      removeNamespaces();
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private void removeNamespaces() {
    Commands.attempt("ip", "netns", "del", clientNamespace);
    Commands.attempt("ip", "netns", "del", serverNamespace);
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException("closing a device does not fail", e);
    }
  }
}
