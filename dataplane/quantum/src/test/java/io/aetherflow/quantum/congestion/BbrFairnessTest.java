package io.aetherflow.quantum.congestion;

import static io.aetherflow.quantum.congestion.Simulation.MS;
import static io.aetherflow.quantum.congestion.Simulation.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flows share 100 Mbit/s, 50 ms and mostly a queue of one BDP; 60 s are measured, after 20. */
class BbrFairnessTest {
  private static final long BDP = 625_000;
  private static final int SEEDS = 12;
  private static final int SEEDS_SHALLOW = 6;

  /** Programs that are started at once begin to send within a few milliseconds. */
  private static final double TOGETHER_NS = 5 * MS;

  @ParameterizedTest
  @CsvSource({"2, 0, 0.9", "4, 0, 0.9", "2, 0.02, 0.9", "4, 0.02, 0.9"})
  void flowsThatStartASecondApartShareFairlyOnAverage(int flows, double loss, double least) {
    List<double[]> runs =
        each(SEEDS, seed -> rates(quantum(flows, seed), i -> i * SECOND, loss, seed));
    DoubleStream totals = runs.stream().mapToDouble(run -> DoubleStream.of(run).sum());
    double rate = totals.average().orElseThrow();
    double mean = runs.stream().mapToDouble(BbrFairnessTest::jain).average().orElseThrow();
    report("%d flows a second apart, loss %s: %.1f Mbit/s in all", flows, loss, rate);
    report("  Jain's index %.3f on average, %.3f at worst", mean, worst(runs));
    assertThat(mean).isGreaterThan(least);
    assertThat(rate).isGreaterThan(93);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.02})
  void fourFlowsThatStartTogetherShareFairlyWithEverySeed(double loss) {
    List<double[]> runs = each(SEEDS, seed -> rates(quantum(4, seed), together(seed), loss, seed));
    double mean = runs.stream().mapToDouble(BbrFairnessTest::jain).average().orElseThrow();
    report("four flows together, loss %s: Jain's index %.3f, worst %.3f", loss, mean, worst(runs));
    assertThat(worst(runs)).isGreaterThan(0.9);
  }

  /** What each learns of the path's own loss must not let the flows drop each other's packets. */
  @ParameterizedTest
  @CsvSource({"0.05, 0", "0.1, 0", "0.25, 0", "0.5, 0", "0.1, 0.02", "0.25, 0.02", "0.5, 0.02"})
  void fourFlowsShareAShallowQueueAndDropFewPackets(double bdps, double loss) {
    record Run(double[] rates, double dropped) {}
    List<Run> runs =
        each(
            SEEDS_SHALLOW,
            seed -> {
              Bottleneck link = new Bottleneck(new Simulation(), seed, 100, (long) (bdps * BDP));
              double[] rates = rates(link.randomLoss(loss), quantum(4, seed), i -> i * SECOND);
              return new Run(rates, link.selfInflictedLoss());
            });
    double mean = runs.stream().mapToDouble(run -> jain(run.rates())).average().orElseThrow();
    double most = runs.stream().mapToDouble(Run::dropped).max().orElseThrow();
    report(
        SEEDS_SHALLOW,
        "four flows, queue of %.2f BDP, loss %.2f: Jain's index %.3f",
        bdps,
        loss,
        mean);
    report(SEEDS_SHALLOW, "  %.2f %% of packets dropped at most", 100 * most);
    assertThat(mean).isGreaterThan(0.9);
    assertThat(most).isLessThan(0.04);
  }

  /** The first BBR answers no loss and keeps the queue full, whatever the other flow does. */
  @Test
  void besideTheFirstBbrAFlowKeepsAQuarterWithEverySeed() {
    List<Double> shares =
        each(
            SEEDS,
            seed -> {
              List<CongestionController> flows =
                  List.of(new Bbr(seed, Flow.PACKET_BYTES), new BbrV1(seed, Flow.PACKET_BYTES));
              double[] rates = rates(flows, together(seed), 0, seed);
              return rates[0] / (rates[0] + rates[1]);
            });
    double mean = shares.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    double least = shares.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    report("beside BBRv1: a share of %.3f on average, %.3f at worst", mean, least);
    assertThat(least).isGreaterThan(0.25);
    assertThat(mean).isLessThan(0.6);
  }

  /** The peer of the test above is no straw man. */
  @Test
  void theFirstBbrFillsTheLinkAndSharesItWithItsLike() {
    long seed = 1;
    double[] alone = rates(List.of(new BbrV1(seed, Flow.PACKET_BYTES)), i -> 0, 0, seed);
    List<CongestionController> two =
        List.of(new BbrV1(seed, Flow.PACKET_BYTES), new BbrV1(seed + 1, Flow.PACKET_BYTES));
    double[] both = rates(two, together(seed), 0, seed);
    report("BBRv1 alone %.1f Mbit/s, two of them %.1f and %.1f", alone[0], both[0], both[1]);
    assertThat(alone[0]).isGreaterThan(95);
    assertThat(jain(both)).isGreaterThan(0.95);
  }

  /** When a flow starts. */
  private interface Starts {
    long ns(int flow);
  }

  /** One run per seed, in their order. Each has a link of its own, so all processors take part. */
  private static <T> List<T> each(int seeds, LongFunction<T> run) {
    return LongStream.rangeClosed(1, seeds).parallel().mapToObj(run).toList();
  }

  private static Starts together(long seed) {
    Random random = new Random(seed);
    return flow -> (long) (random.nextDouble() * TOGETHER_NS);
  }

  private static List<CongestionController> quantum(int count, long seed) {
    return IntStream.range(0, count)
        .<CongestionController>mapToObj(i -> new Bbr(100 * seed + i, Flow.PACKET_BYTES))
        .toList();
  }

  /** Mbit/s of each flow. */
  private static double[] rates(
      List<CongestionController> controllers, Starts starts, double loss, long seed) {
    Bottleneck link = new Bottleneck(new Simulation(), seed, 100, BDP).randomLoss(loss);
    return rates(link, controllers, starts);
  }

  private static double[] rates(
      Bottleneck link, List<CongestionController> controllers, Starts starts) {
    Simulation sim = link.sim();
    List<Flow> flows = new ArrayList<>();
    for (int i = 0; i < controllers.size(); i++) {
      Flow flow = new Flow(sim, link, 50 * MS, controllers.get(i));
      flows.add(flow);
      sim.at(starts.ns(i), flow::startBulk);
    }
    sim.runUntil(20 * SECOND);
    long[] before = flows.stream().mapToLong(flow -> flow.deliveredBytes).toArray();
    link.resetCounts();
    sim.runUntil(80 * SECOND);
    return IntStream.range(0, before.length)
        .mapToDouble(i -> (flows.get(i).deliveredBytes - before[i]) * 8 / 60e6)
        .toArray();
  }

  private static double worst(List<double[]> runs) {
    return runs.stream().mapToDouble(BbrFairnessTest::jain).min().orElseThrow();
  }

  /** Jain's index: 1 if all get the same, 1/n if one gets all. */
  private static double jain(double[] rates) {
    double sum = 0;
    double squares = 0;
    for (double rate : rates) {
      sum += rate;
      squares += rate * rate;
    }
    return sum * sum / (rates.length * squares);
  }

  private static void report(String format, Object... values) {
    report(SEEDS, format, values);
  }

  private static void report(int seeds, String format, Object... values) {
    System.out.printf("bbr: " + format, values);
    System.out.printf(" (seeds 1 to %d)%n", seeds);
  }
}
