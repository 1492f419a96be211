package io.aetherflow.local.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * The two /16 networks of loopback addresses that one local cluster has to itself, one for pods and
 * one for Services: 127.77 and 127.79, or the next free pair where another cluster runs. A
 * listening socket on the node's address is the claim; it ends with the process.
 */
public final class Networks {
  private static final int FIRST = 77;
  private static final int STEP = 4;
  private static final int PAIRS = 16;

  /** The kubelet's port, which no pod uses. */
  private static final int PORT = 10250;

  private final int second;
  private final ServerSocket claim;

  private Networks(int second, ServerSocket claim) {
    this.second = second;
    this.claim = claim;
  }

  /**
   * Claims a pair: the one this state directory had before, for its objects hold addresses of it,
   * or a free one.
   *
   * @throws IOException when the pair is in use by another cluster, in a sentence that says so
   */
  public static Networks claim(Path state) throws IOException {
    Path file = state.resolve("network");
    OptionalInt known = SmallFiles.read(file);
    if (known.isPresent()) {
      int before = known.getAsInt();
      ServerSocket claim = listen(before);
      if (claim == null) {
        throw new IOException(
            "another local cluster uses the addresses 127."
                + before
                + ".0.0/16, which this one had before; stop that one with './aetherflow down' in its"
                + " directory");
      }
      return new Networks(before, claim);
    }
    for (int n = 0; n < PAIRS; n++) {
      int second = FIRST + n * STEP;
      ServerSocket claim = listen(second);
      if (claim != null) {
        SmallFiles.write(file, second);
        return new Networks(second, claim);
      }
    }
    throw new IOException(PAIRS + " local clusters run on this machine; stop one of them first");
  }

  private static ServerSocket listen(int second) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(new InetSocketAddress(InetAddress.getByName("127." + second + ".0.1"), PORT));
      return socket;
    } catch (IOException taken) {
      socket.close();
      return null;
    }
  }

  /** First two numbers of pod addresses; the node itself is {@code .0.1}. */
  public String pods() {
    return "127." + second;
  }

  /** First two numbers of Service addresses. */
  public String services() {
    return "127." + (second + 2);
  }

  /** Whether this process still holds the claim. */
  boolean isHeld() {
    return claim.isBound() && !claim.isClosed();
  }
}
