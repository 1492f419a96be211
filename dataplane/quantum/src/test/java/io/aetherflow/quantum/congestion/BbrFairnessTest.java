package io.aetherflow.quantum.congestion;

import static io.aetherflow.quantum.congestion.Simulation.MS;
import static io.aetherflow.quantum.congestion.Simulation.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Flows that start a second apart share 100 Mbit/s, 50 ms and a queue of one BDP. */
class BbrFairnessTest {
  private static final long BDP = 625_000;
  private static final int SEEDS = 12;

  @ParameterizedTest
  @CsvSource({"2, 0, 0.9", "4, 0, 0.9", "2, 0.02, 0.9", "4, 0.02, 0.9"})
  void flowsShareFairlyAfterTwentySeconds(int flows, double loss, double least) {
    double sum = 0;
    double lowest = 1;
    double rate = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      double[] rates = rates(flows, loss, seed);
      double index = jain(rates);
      sum += index;
      lowest = Math.min(lowest, index);
      for (double each : rates) {
        rate += each / SEEDS;
      }
    }
    System.out.printf(
        "bbr: %d flows, loss %s: Jain's index %.3f on average, %.3f at worst, %.1f Mbit/s in all"
            + " (seeds 1 to %d)%n",
        flows, loss, sum / SEEDS, lowest, rate, SEEDS);
    assertThat(sum / SEEDS).isGreaterThan(least);
    assertThat(rate).isGreaterThan(93);
  }

  private static double[] rates(int count, double loss, long seed) {
    Simulation sim = new Simulation();
    Bottleneck link = new Bottleneck(sim, seed, 100, BDP).randomLoss(loss);
    List<Flow> flows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Flow flow = new Flow(sim, link, 50 * MS, 100 * seed + i);
      flows.add(flow);
      sim.at(i * SECOND, flow::startBulk);
    }
    sim.runUntil(20 * SECOND);
    double[] rates = new double[count];
    for (int i = 0; i < count; i++) {
      rates[i] = -flows.get(i).deliveredBytes * 8 / 60e6;
    }
    sim.runUntil(80 * SECOND);
    for (int i = 0; i < count; i++) {
      rates[i] += flows.get(i).deliveredBytes * 8 / 60e6;
    }
    return rates;
  }

  private static double jain(double[] rates) {
    double sum = 0;
    double squares = 0;
    for (double rate : rates) {
      sum += rate;
      squares += rate * rate;
    }
    return sum * sum / (rates.length * squares);
  }
}
