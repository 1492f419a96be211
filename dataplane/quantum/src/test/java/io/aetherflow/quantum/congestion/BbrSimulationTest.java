package io.aetherflow.quantum.congestion;

import static io.aetherflow.quantum.congestion.Simulation.MS;
import static io.aetherflow.quantum.congestion.Simulation.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One flow over a link of 100 Mbit/s and 50 ms; prints what it measured, with the seed. */
class BbrSimulationTest {
  private static final double RATE = 100;
  private static final long RTT_NS = 50 * MS;
  private static final long BDP = 625_000;
  private static final long SEED = 11;

  private final Simulation sim = new Simulation();
  private Bottleneck link;
  private Flow flow;

  private void build(double queueBdp, double loss) {
    link = new Bottleneck(sim, SEED, RATE, (long) (queueBdp * BDP)).randomLoss(loss);
    flow = new Flow(sim, link, RTT_NS, SEED);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, false",
    "0.02, 1, false",
    "0.05, 1, false",
    "0.02, 1, true",
    "0.05, 1, true",
    "0, 4, false",
    "0.02, 4, false"
  })
  void bulkFillsTheLinkUnderRandomLoss(double loss, double queueBdp, boolean lossBehindQueue) {
    build(queueBdp, loss);
    double attainable = RATE;
    if (lossBehindQueue) {
      link.lossBehindQueue();
      attainable = RATE * (1 - loss);
    }
    sim.at(0, flow::startBulk);
    sim.runUntil(2 * SECOND);
    double rate = rate(28);
    report(
        "bulk, loss %s %s a queue of %s BDP",
        loss, lossBehindQueue ? "behind" : "before", queueBdp);
    report("  %.1f of %.1f Mbit/s", rate, attainable);
    assertThat(rate).isGreaterThan(0.9 * attainable);
    assertThat(link.selfInflictedLoss()).isLessThan(0.005);
    assertThat(link.meanQueueMs()).isLessThan(10);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0", "0.1, 0.02", "0.1, 0.05", "0.03, 0", "0.03, 0.02"})
  void aShallowBufferCostsLittleLoss(double queueBdp, double loss) {
    build(queueBdp, loss);
    sim.at(0, flow::startBulk);
    sim.runUntil(2 * SECOND);
    link.resetCounts();
    double rate = rate(28);
    report("queue of %s BDP, loss %s: %.1f Mbit/s", queueBdp, loss, rate);
    assertThat(rate).isGreaterThan(80);
    assertThat(link.selfInflictedLoss()).isLessThan(0.01);
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0", "1, 0", "4, 0", "0.1, 0.02", "1, 0.02", "4, 0.02"})
  void aPolicerIsObeyedThoughItNeverQueues(double bucketBdp, double loss) {
    link =
        new Bottleneck(sim, SEED, 10 * RATE, 100 * BDP)
            .policer(RATE, (long) (bucketBdp * BDP))
            .randomLoss(loss);
    flow = new Flow(sim, link, RTT_NS, SEED);
    sim.at(0, flow::startBulk);
    sim.runUntil(5 * SECOND);
    link.resetCounts();
    double rate = rate(25);
    report("policer with a bucket of %s BDP, loss %s: %.1f Mbit/s", bucketBdp, loss, rate);
    assertThat(rate).isGreaterThan(0.8 * RATE);
    assertThat(link.selfInflictedLoss()).isLessThan(0.05);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02, 0.05})
  void sparseTrafficUnderLossForgetsNoBandwidth(double loss) {
    build(1, loss);
    sim.at(0, flow::startBulk);
    sim.runUntil(5 * SECOND);
    flow.stopBulk();
    rpc(60);
    double pacing = flow.controller.pacingRateBytesPerSecond() * 8 / 1e6;
    long window = flow.controller.congestionWindowBytes();
    sim.at(sim.nowNs(), flow::startBulk);
    double first = rate(0.5);
    double then = rate(5);
    report("60 s of sparse traffic, loss %s: pacing %.1f Mbit/s, window %d", loss, pacing, window);
    report("  then bulk: %.1f Mbit/s in the first 0.5 s, %.1f after", first, then);
    assertThat(pacing).isGreaterThan(0.85 * RATE);
    assertThat(window).isGreaterThan(BDP);
    assertThat(first).isGreaterThan(0.7 * RATE);
    assertThat(then).isGreaterThan(0.88 * RATE);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02, 0.05})
  void sparseTrafficFromTheStartKeepsRoomAndBulkFindsTheRate(double loss) {
    build(1, loss);
    rpc(30);
    long packets = flow.controller.congestionWindowBytes() / Flow.PACKET_BYTES;
    sim.at(sim.nowNs(), flow::startBulk);
    double first = rate(2);
    report("sparse from the start, loss %s: window %d packets, bulk %.1f", loss, packets, first);
    assertThat(packets).isGreaterThan(20);
    assertThat(first).isGreaterThan(0.7 * RATE);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02, 0.05})
  void sparseTrafficThatSeesTheMinimumIsNotProbed(double loss) {
    build(1, loss);
    rpc(60);
    int before = flow.phaseEntries.getOrDefault("ProbeRtt", 0);
    flow.setRtt(2 * RTT_NS);
    rpc(10);
    int after = flow.phaseEntries.getOrDefault("ProbeRtt", 0);
    report("sparse, loss %s: %d rtt probes in 60 s, %d after it grew", loss, before, after);
    assertThat(before).isZero();
    assertThat(after).isPositive();
  }

  @Test
  void sparseTrafficBesideABulkFlowKeepsNoOneFromDraining() {
    build(4, 0);
    Flow bulk = new Flow(sim, link, RTT_NS, SEED + 1);
    sim.at(0, bulk::startBulk);
    rpc(10);
    link.resetCounts();
    rpc(30);
    report("sparse beside bulk: %d probes of bulk", bulk.phaseEntries.get("ProbeRtt"));
    assertThat(bulk.phaseEntries.get("ProbeRtt")).isBetween(6, 9);
    // 10.6 ms if the sparse flow probes too.
    assertThat(link.meanQueueMs()).isLessThan(12);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02})
  void idlenessCostsNothing(double loss) {
    build(1, loss);
    sim.at(0, flow::startBulk);
    sim.runUntil(5 * SECOND);
    flow.stopBulk();
    sim.runUntil(65 * SECOND);
    int probes = flow.phaseEntries.getOrDefault("ProbeRtt", 0);
    sim.at(sim.nowNs(), flow::startBulk);
    double first = rate(0.5);
    double then = rate(3);
    report("after a minute's idleness, loss %s: %.1f in 0.5 s, then %.1f", loss, first, then);
    assertThat(first).isGreaterThan(0.75 * RATE);
    assertThat(then).isGreaterThan(0.9 * RATE);
    assertThat(flow.phaseEntries.getOrDefault("ProbeRtt", 0)).as("probes").isEqualTo(probes);
  }

  @Test
  void rttProbesSpareAFlowThatDrainsItsQueueAndFindAPathThatGotLonger() {
    build(1, 0);
    sim.at(0, flow::startBulk);
    sim.runUntil(30 * SECOND);
    int probes = flow.phaseEntries.getOrDefault("ProbeRtt", 0);
    flow.setRtt(2 * RTT_NS);
    rate(20);
    double longer = rate(10);
    int after = flow.phaseEntries.getOrDefault("ProbeRtt", 0);
    report("%d rtt probes in 30 s, %d in the 30 s after a change", probes, after - probes);
    report("  at twice the round trip %.1f Mbit/s", longer);
    assertThat(probes).isLessThan(2);
    assertThat(after - probes).isBetween(1, 6);
    assertThat(longer).isGreaterThan(0.85 * RATE);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02})
  void followsTheRateDownAndUpFourfold(double loss) {
    build(1, loss);
    sim.at(0, flow::startBulk);
    sim.runUntil(10 * SECOND);
    link.setRate(RATE / 4);
    rate(10);
    link.resetCounts();
    double down = rate(10);
    double downLoss = link.selfInflictedLoss();
    double queueMs = link.meanQueueMs();
    link.setRate(RATE);
    rate(5);
    double up = rate(5);
    report("rate / 4, loss %s: %.1f, own loss %.4f, queue %.1f ms", loss, down, downLoss, queueMs);
    report("  rate x 4: %.1f Mbit/s after 5 s", up);
    assertThat(down).isGreaterThan(0.9 * RATE / 4);
    assertThat(downLoss).isLessThan(0.02);
    assertThat(up).isGreaterThan(0.85 * RATE);
  }

  @ParameterizedTest
  @CsvSource({"5, 0", "10, 0", "20, 0", "40, 0", "10, 0.02", "40, 0.02"})
  void bunchedAcknowledgementsDoNotStallTheWindow(int everyMs, double loss) {
    build(1, loss);
    flow.ackSlotNs = everyMs * MS;
    sim.at(0, flow::startBulk);
    sim.runUntil(3 * SECOND);
    double rate = rate(12);
    report("acknowledgements every %d ms, loss %s: %.1f Mbit/s", everyMs, loss, rate);
    assertThat(rate).isGreaterThan(0.9 * RATE);
  }

  @Test
  void aPathOfLessThanAPacketKeepsFourInFlight() {
    link = new Bottleneck(sim, SEED, 0.5, 50_000);
    flow = new Flow(sim, link, 2 * MS, SEED);
    sim.at(0, flow::startBulk);
    sim.runUntil(5 * SECOND);
    double rate = rate(20);
    report(
        "0.5 Mbit/s, 2 ms: %.2f Mbit/s, window %d", rate, flow.controller.congestionWindowBytes());
    assertThat(rate).isGreaterThan(0.45);
    assertThat(flow.controller.congestionWindowBytes())
        .isGreaterThanOrEqualTo(4 * Flow.PACKET_BYTES);
  }

  /** 200 packets per second at random times. */
  private void rpc(int seconds) {
    Random random = new Random(SEED);
    long startNs = sim.nowNs();
    for (int i = 0; i < seconds * 200; i++) {
      sim.at(startNs + (long) (random.nextDouble() * seconds * SECOND), () -> flow.offer(1));
    }
    sim.runUntil(startNs + seconds * SECOND);
  }

  /** Mbit/s delivered over the next seconds. */
  private double rate(double seconds) {
    long before = flow.deliveredBytes;
    sim.runUntil(sim.nowNs() + (long) (seconds * SECOND));
    return (flow.deliveredBytes - before) * 8 / seconds / 1e6;
  }

  private void report(String format, Object... values) {
    System.out.printf("bbr: " + format, values);
    System.out.printf(
        " (own loss %.4f, queue %.1f ms, seed %d)%n",
        link.selfInflictedLoss(), link.meanQueueMs(), SEED);
  }
}
