package io.aetherflow.bench.lab;

/**
 * What one direction of the link has seen; bytes are those of IP packets.
 *
 * @param lostPackets by the emulated loss
 * @param queueDrops by the full queue of the bottleneck
 * @param refusedPackets arrived, but the receiving host did not take them
 */
public record LinkCounters(
    long offeredPackets,
    long offeredBytes,
    long deliveredPackets,
    long deliveredBytes,
    long lostPackets,
    long queueDrops,
    long refusedPackets) {
  /** What happened since {@code earlier}. */
  public LinkCounters minus(LinkCounters earlier) {
    return new LinkCounters(
        offeredPackets - earlier.offeredPackets,
        offeredBytes - earlier.offeredBytes,
        deliveredPackets - earlier.deliveredPackets,
        deliveredBytes - earlier.deliveredBytes,
        lostPackets - earlier.lostPackets,
        queueDrops - earlier.queueDrops,
        refusedPackets - earlier.refusedPackets);
  }

  /** Share of packets that the emulated loss took from those it saw. */
  public double lossShare() {
    long seen = offeredPackets - queueDrops;
    return seen == 0 ? 0 : (double) lostPackets / seen;
  }
}
