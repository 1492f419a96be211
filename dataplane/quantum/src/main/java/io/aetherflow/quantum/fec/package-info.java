/**
 * Systematic Reed-Solomon coding over GF(2^8), polynomial 0x11D, with JavaReedSolomon's matrix, so
 * that parity equals its output byte for byte: {@code docs/quantum-protocol.md} section 5. A group
 * with fewer sources than the matrix has columns counts as filled up with zero shards.
 *
 * <p>How a connection uses it, all on its own thread and in its own time:
 *
 * <ol>
 *   <li>It owns one {@link LossEstimator} and reports to it every packet that counts in flight: as
 *       acked, or as lost when it is declared lost or the peer recovered it, whichever is first.
 *   <li>Before it sends new stream data it asks {@link FecPolicy#protects}. If so, it opens a group
 *       where none is open, {@code encoder.open(matrix, policy.repairsMax(N))}, puts FEC_SID into
 *       the packet and adds its frames to the {@link GroupEncoder}.
 *   <li>It closes the group when it is full, when the send queue is empty, when the flush timer
 *       runs out, when a packet follows that is not protected, and before the datagram size
 *       changes. {@code min(policy.repairs(k), rows)} repairs are due {@link FecPolicy#spacingNs}
 *       apart, the first one that long after the last source.
 *   <li>Before a repair leaves, it drops what is left of the group if all its sources are acked.
 *   <li>When the tuning changes it closes the open group and replaces the policy, not the
 *       estimator.
 * </ol>
 *
 * <p>On the other side {@link GroupDecoder} rebuilds sources, which are then reported by RECOVERED.
 */
package io.aetherflow.quantum.fec;
