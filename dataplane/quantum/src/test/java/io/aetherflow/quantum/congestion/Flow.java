package io.aetherflow.quantum.congestion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * A sender with loss detection by three later packets or 9/8 of a round trip, a probe timer, and a
 * receiver that acknowledges every second packet and every gap at once. Nothing is resent: an
 * endless queue stands for retransmissions too. Keeps its own ledger of bytes in flight.
 */
final class Flow {
  static final int PACKET_BYTES = 1250;
  private static final byte IN_FLIGHT = 1;
  private static final byte ACKED = 2;
  private static final byte LOST = 3;
  private static final long ACK_DELAY_NS = 5 * Simulation.MS;

  private final Simulation sim;
  private final Bottleneck link;
  private long oneWayNs;
  final CongestionController controller;
  long ackSlotNs;

  private long[] sentNs = new long[1024];
  private byte[] states = new byte[1024];
  private long next = 1;
  private long oldest = 1;
  private long largestAcked;
  private long inFlight;
  private long queued;
  private boolean bulk;
  private long nextSendNs;
  private boolean sendScheduled;
  private long latestRttNs;
  private long minRttNs;
  private long smoothedRttNs;
  private long probeAtNs = Long.MAX_VALUE;
  private boolean probeScheduled;

  private List<Long> received = new ArrayList<>();
  private boolean ackTimer;
  private long largestReceived;

  long deliveredBytes;
  long lostPackets;
  final TreeMap<String, Long> phaseNs = new TreeMap<>();
  final TreeMap<String, Integer> phaseEntries = new TreeMap<>();
  private String phase = "Startup";
  private long phaseSinceNs;

  Flow(Simulation sim, Bottleneck link, long rttNs, long seed) {
    this(sim, link, rttNs, new Bbr(seed, PACKET_BYTES));
  }

  Flow(Simulation sim, Bottleneck link, long rttNs, CongestionController controller) {
    this.sim = sim;
    this.link = link;
    oneWayNs = rttNs / 2;
    this.controller = controller;
  }

  void startBulk() {
    bulk = true;
    send();
  }

  void setRtt(long rttNs) {
    oneWayNs = rttNs / 2;
  }

  void stopBulk() {
    bulk = false;
  }

  /** The application wants to send some packets. */
  void offer(int packets) {
    queued += packets;
    send();
  }

  private void send() {
    long nowNs = sim.nowNs();
    while (bulk || queued > 0) {
      if (inFlight + PACKET_BYTES > controller.congestionWindowBytes()) {
        return;
      }
      if (nowNs < nextSendNs) {
        if (!sendScheduled) {
          sendScheduled = true;
          sim.at(
              nextSendNs,
              () -> {
                sendScheduled = false;
                send();
              });
        }
        return;
      }
      int burst = 0;
      while ((bulk || queued > 0)
          && burst + PACKET_BYTES <= controller.sendQuantumBytes()
          && inFlight + PACKET_BYTES <= controller.congestionWindowBytes()) {
        queued = bulk ? queued : queued - 1;
        transmit();
        burst += PACKET_BYTES;
      }
      nextSendNs =
          Math.max(nextSendNs, nowNs - Simulation.MS)
              + (long) (burst * 1e9 / controller.pacingRateBytesPerSecond());
    }
    controller.onAppLimited(inFlight);
  }

  private void transmit() {
    long number = next++;
    if (number >= sentNs.length) {
      sentNs = Arrays.copyOf(sentNs, sentNs.length * 2);
      states = Arrays.copyOf(states, states.length * 2);
    }
    sentNs[(int) number] = sim.nowNs();
    states[(int) number] = IN_FLIGHT;
    inFlight += PACKET_BYTES;
    controller.onPacketSent(number, PACKET_BYTES, sim.nowNs(), !bulk && queued == 0, inFlight);
    armProbe();
    long departsNs = link.admit(PACKET_BYTES);
    if (departsNs != Bottleneck.DROPPED) {
      sim.at(departsNs + oneWayNs, () -> receive(number));
    }
  }

  private void receive(long number) {
    deliveredBytes += PACKET_BYTES;
    boolean gap = number != largestReceived + 1;
    largestReceived = Math.max(largestReceived, number);
    received.add(number);
    if (ackSlotNs > 0) {
      ackAt((sim.nowNs() / ackSlotNs + 1) * ackSlotNs);
    } else if (gap || received.size() >= 2) {
      acknowledge();
    } else {
      ackAt(sim.nowNs() + ACK_DELAY_NS);
    }
  }

  private void ackAt(long atNs) {
    if (!ackTimer) {
      ackTimer = true;
      sim.at(
          atNs,
          () -> {
            ackTimer = false;
            acknowledge();
          });
    }
  }

  private void acknowledge() {
    if (!received.isEmpty()) {
      List<Long> numbers = received;
      received = new ArrayList<>();
      sim.at(sim.nowNs() + oneWayNs, () -> onAck(numbers));
    }
  }

  private void onAck(List<Long> numbers) {
    long nowNs = sim.nowNs();
    for (long number : numbers) {
      if (states[(int) number] != IN_FLIGHT) {
        continue;
      }
      states[(int) number] = ACKED;
      inFlight -= PACKET_BYTES;
      largestAcked = Math.max(largestAcked, number);
      controller.onAcked(number, PACKET_BYTES, sentNs[(int) number], nowNs);
    }
    sampleRtt(nowNs - sentNs[(int) (long) numbers.getLast()]);
    detectLosses();
    endEvent();
    armProbe();
    send();
  }

  private void sampleRtt(long rttNs) {
    latestRttNs = rttNs;
    minRttNs = minRttNs == 0 ? rttNs : Math.min(minRttNs, rttNs);
    smoothedRttNs = smoothedRttNs == 0 ? rttNs : smoothedRttNs + (rttNs - smoothedRttNs) / 8;
  }

  private void detectLosses() {
    long lateNs = sim.nowNs() - Math.max(smoothedRttNs, latestRttNs) * 9 / 8;
    for (long number = oldest; number < largestAcked; number++) {
      int at = (int) number;
      if (states[at] == IN_FLIGHT && (number <= largestAcked - 3 || sentNs[at] <= lateNs)) {
        lose(number);
      }
      if (number > largestAcked - 3 && sentNs[at] > lateNs) {
        break;
      }
    }
    while (oldest < next && states[(int) oldest] != IN_FLIGHT) {
      oldest++;
    }
  }

  private void lose(long number) {
    states[(int) number] = LOST;
    inFlight -= PACKET_BYTES;
    lostPackets++;
    controller.onLost(number, PACKET_BYTES, sentNs[(int) number], sim.nowNs());
  }

  private void endEvent() {
    controller.onAckEventEnd(sim.nowNs(), inFlight, latestRttNs, minRttNs, smoothedRttNs);
    if (!controller.phaseName().equals(phase)) {
      phaseNs.merge(phase, sim.nowNs() - phaseSinceNs, Long::sum);
      phase = controller.phaseName();
      phaseSinceNs = sim.nowNs();
      phaseEntries.merge(phase, 1, Integer::sum);
    }
  }

  private void armProbe() {
    long delayNs = smoothedRttNs == 0 ? Simulation.SECOND : 2 * smoothedRttNs;
    probeAtNs = sim.nowNs() + Math.max(delayNs, 20 * Simulation.MS);
    if (!probeScheduled) {
      probeScheduled = true;
      sim.at(probeAtNs, this::probe);
    }
  }

  /** Everything in flight is given up after twice the round trip without any answer. */
  private void probe() {
    probeScheduled = false;
    if (inFlight == 0) {
      return;
    }
    if (sim.nowNs() < probeAtNs) {
      probeScheduled = true;
      sim.at(probeAtNs, this::probe);
      return;
    }
    for (long number = oldest; number < next; number++) {
      if (states[(int) number] == IN_FLIGHT) {
        lose(number);
      }
    }
    oldest = next;
    endEvent();
    send();
  }
}
