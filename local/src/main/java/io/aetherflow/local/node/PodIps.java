package io.aetherflow.local.node;

import java.util.HashSet;
import java.util.Set;

/** Loopback addresses for pods: .1.1 to .255.254 of one /16 network. One thread. */
final class PodIps {
  private static final int FIRST = 257;
  private static final int LAST = 255 * 256 + 254;

  private final Set<String> used = new HashSet<>();
  private final String network;
  private int next = FIRST;

  /**
   * @param network first two numbers, as in {@code 127.77}
   */
  PodIps(String network) {
    this.network = network;
  }

  /** The node's own. */
  String node() {
    return network + ".0.1";
  }

  /** Takes an address that a pod had before. */
  void take(String address) {
    used.add(address);
  }

  /** The longest unused address, so that a late packet rarely meets a new pod. */
  String allocate() {
    for (int tries = FIRST; tries <= LAST; tries++) {
      int n = next;
      next = next == LAST ? FIRST : next + 1;
      String address = network + "." + n / 256 + "." + n % 256;
      if (n % 256 != 0 && n % 256 != 255 && used.add(address)) {
        return address;
      }
    }
    throw new IllegalStateException("no pod address is free in " + network + ".0.0/16");
  }

  void release(String address) {
    used.remove(address);
  }
}
