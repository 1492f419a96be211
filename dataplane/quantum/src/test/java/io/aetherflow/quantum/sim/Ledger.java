package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionTrace;
import java.util.Arrays;

/**
 * An independent account of one end's packets: what left, what arrived at the other end, what was
 * confirmed or lost, and the bytes in flight that follow.
 */
final class Ledger implements ConnectionTrace {
  private static final byte NONE = 0;
  private static final byte IN_FLIGHT = 1;
  private static final byte ACKED = 2;
  private static final byte LOST = 3;
  private static final byte RECOVERED = 4;
  private static final byte UNANSWERED = 5;

  private final String name;
  private byte[] states = new byte[1024];
  private int[] sizes = new int[1024];
  private byte[] arrived = new byte[1024];
  private boolean[] protectedByParity = new boolean[1024];
  private long[] sentNs = new long[1024];
  private long[] repairNs = new long[64];
  private long[] believedRepairNs = new long[64];
  private int repaired;
  private Ledger peer;
  private long next = 1;
  private long inFlight;
  long sentPackets;
  long lostPackets;
  long spuriousLosses;
  long peerRecovered;
  long repairs;
  long retransmissions;
  long sentBytes;

  Ledger(String name) {
    this.name = name;
  }

  void join(Ledger peer) {
    this.peer = peer;
    peer.peer = this;
  }

  @Override
  public void onPacketSent(long number, int bytes, boolean wantsAnswer, long nowNs) {
    check(number == next, number, "out of turn");
    next++;
    ensure((int) number);
    states[(int) number] = wantsAnswer ? IN_FLIGHT : UNANSWERED;
    sizes[(int) number] = bytes;
    sentNs[(int) number] = nowNs;
    inFlight += wantsAnswer ? bytes : 0;
    sentPackets++;
    sentBytes += bytes;
  }

  @Override
  public void onPacketReceived(long number, int bytes, long nowNs) {
    check(number < peer.next, number, "received but never sent");
    ensure((int) number);
    check((arrived[(int) number] & 1) == 0, number, "received twice");
    arrived[(int) number] |= 1;
  }

  @Override
  public void onRecovered(long number, long nominalNs, long nowNs) {
    check(number < peer.next, number, "recovered but never sent");
    ensure((int) number);
    check(arrived[(int) number] == 0, number, "recovered what was here");
    arrived[(int) number] |= 2;
    if (repaired == repairNs.length) {
      repairNs = Arrays.copyOf(repairNs, 2 * repaired);
      believedRepairNs = Arrays.copyOf(believedRepairNs, 2 * repaired);
    }
    believedRepairNs[repaired] = nowNs - nominalNs;
    repairNs[repaired++] = nowNs - peer.sentNs[(int) number];
  }

  @Override
  public void onPacketAcked(long number, int bytes, long sentNs, long nowNs) {
    move(number, IN_FLIGHT, ACKED);
    inFlight -= sizes[(int) number];
    check(peer.hasArrived(number, 1), number, "acked but not there");
  }

  @Override
  public void onPacketLost(long number, int bytes, long sentNs, long nowNs) {
    move(number, IN_FLIGHT, LOST);
    inFlight -= sizes[(int) number];
    lostPackets++;
  }

  @Override
  public void onSpuriousLoss(long number, int bytes, long nowNs) {
    move(number, LOST, ACKED);
    check(peer.hasArrived(number, 1), number, "acked but not there");
    spuriousLosses++;
  }

  @Override
  public void onPeerRecovered(long number, int bytes, boolean wasLost, long nowNs) {
    move(number, wasLost ? LOST : IN_FLIGHT, RECOVERED);
    inFlight -= wasLost ? 0 : sizes[(int) number];
    check(peer.hasArrived(number, 2), number, "recovered but not there");
    peerRecovered++;
  }

  @Override
  public void onSourceSent(long number, int group, long nowNs) {
    ensure((int) number);
    protectedByParity[(int) number] = true;
  }

  @Override
  public void onRepairSent(long number, int sources, long nowNs) {
    repairs++;
  }

  @Override
  public void onRetransmission(long number, boolean probe, long nowNs) {
    retransmissions++;
  }

  /** Times from the sending of packets that we rebuilt until we had them. */
  long[] repairTimesNs() {
    return Arrays.copyOf(repairNs, repaired);
  }

  /** The same packets' times from their nominal arrival, as the connection itself believes it. */
  long[] believedRepairTimesNs() {
    return Arrays.copyOf(believedRepairNs, repaired);
  }

  /** Of the packets under parity that the path dropped, the share that the peer rebuilt. */
  double repairedShare() {
    int dropped = 0;
    int rebuilt = 0;
    for (int number = 1; number < next; number++) {
      if (protectedByParity[number] && !peer.hasArrived(number, 1)) {
        dropped++;
        rebuilt += peer.hasArrived(number, 2) ? 1 : 0;
      }
    }
    return (double) rebuilt / dropped;
  }

  private boolean hasArrived(long number, int how) {
    return number < arrived.length && (arrived[(int) number] & how) != 0;
  }

  private void move(long number, byte from, byte to) {
    check(number < next && states[(int) number] == from, number, "in state " + state(number));
    states[(int) number] = to;
  }

  private int state(long number) {
    return number < states.length ? states[(int) number] : NONE;
  }

  /** Compares with the connection, after every step. */
  void check(Connection connection) {
    if (!connection.state().isOpen()) {
      return;
    }
    check(connection.bytesInFlight() == inFlight, inFlight, "bytes in flight by the ledger");
    boolean armed = connection.nextTimeoutNs() != Long.MAX_VALUE;
    check(inFlight == 0 || armed, inFlight, "bytes in flight and no timer");
  }

  private void ensure(int number) {
    while (number >= states.length) {
      states = Arrays.copyOf(states, states.length * 2);
      sizes = Arrays.copyOf(sizes, sizes.length * 2);
      sentNs = Arrays.copyOf(sentNs, sentNs.length * 2);
      protectedByParity = Arrays.copyOf(protectedByParity, protectedByParity.length * 2);
    }
    while (number >= arrived.length) {
      arrived = Arrays.copyOf(arrived, arrived.length * 2);
    }
  }

  private void check(boolean holds, long number, String what) {
    if (!holds) {
      throw new AssertionError(name + ": " + number + " " + what);
    }
  }
}
