/**
 * Congestion control: how much may be in flight and how fast it leaves. {@link
 * io.aetherflow.quantum.congestion.Bbr} follows draft-ietf-ccwg-bbr (BBRv3, August 2026); the
 * section names in the comments are that draft's. It departs from it because the draft's bounds
 * collapse under random loss, to a few percent of the rate at 5 %:
 *
 * <ul>
 *   <li>a round that the application limited lowers no bound;
 *   <li>loss lowers a bound only if round-trip times near it show a queue, or if it exceeds 10 %
 *       over at least 100 packets ({@code CongestionEvidence});
 *   <li>so that a probe is not stopped by the losses of others, its limit of 2 % counts on top of
 *       what the path loses without a queue or while the flow cruises, and of what chance may add;
 *   <li>ProbeBW_DOWN ends when the probe's own addition is taken back, with headroom, though a
 *       queue of others may stand;
 *   <li>losses with a queue take no more than one decrease between probes, unless they are heavy;
 *   <li>short-term bounds that a queue called for are lifted when it is gone, not only at the next
 *       probe seconds later;
 *   <li>the pacing margin of 1 % shrinks to 0.5 % by the loss that the path has anyway;
 *   <li>a flow that sees the minimum RTT again, within 1/128 or, app-limited, 1/32, puts ProbeRTT
 *       off.
 * </ul>
 *
 * <p>Undoing a spurious loss response is left out: without a queue there is none to undo. Units are
 * bytes, nanoseconds and bytes per second. Time and the random seed come in as parameters.
 */
package io.aetherflow.quantum.congestion;
