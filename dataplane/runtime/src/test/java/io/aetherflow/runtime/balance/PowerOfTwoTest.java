package io.aetherflow.runtime.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.runtime.balance.Simulation.Instance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The balancer on slow and failing instances; the same calls in turn show what it saves. */
class PowerOfTwoTest {
  private static final long SECOND_NS = 1_000 * Simulation.MILLI_NS;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aSlowInstanceGetsFewCallsAndHoldsUpNobody(long seed) {
    double balanced = p99WithOneSlow(new Simulation(seed, false));
    double inTurn = p99WithOneSlow(new Simulation(seed, true));
    assertThat(balanced).as("seed %d", seed).isLessThan(40);
    assertThat(inTurn).as("seed %d, in turn", seed).isGreaterThan(10 * balanced);
  }

  /** Four instances of 2 ms at half their capacity, one of which becomes ten times slower. */
  private static double p99WithOneSlow(Simulation simulation) {
    for (int i = 0; i < 4; i++) {
      simulation.add(2 * Simulation.MILLI_NS);
    }
    simulation.run(1_000, 2 * SECOND_NS);
    simulation.instances.getFirst().serviceNs = _ -> 20 * Simulation.MILLI_NS;
    simulation.run(1_000, SECOND_NS);
    simulation.run(1_000, 10 * SECOND_NS);
    return simulation.percentileMillis(99);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aFailingInstanceIsEjectedAndComesBack(long seed) {
    Simulation simulation = new Simulation(seed, false);
    for (int i = 0; i < 4; i++) {
      simulation.add(2 * Simulation.MILLI_NS);
    }
    simulation.run(1_000, SECOND_NS);
    Instance bad = simulation.instances.getLast();
    bad.failing = true;
    simulation.run(1_000, 30 * SECOND_NS);
    assertThat(simulation.failures())
        .as("seed %d: five to open and one per trial", seed)
        .isBetween((long) Breaker.FAILURES_TO_OPEN, 20L);
    assertThat(simulation.fleet.ejected()).isEqualTo(1);
    bad.failing = false;
    simulation.run(1_000, 31 * SECOND_NS);
    assertThat(simulation.fleet.ejected()).isZero();
    simulation.run(1_000, 10 * SECOND_NS);
    assertThat(bad.taken).as("seed %d: its share again", seed).isGreaterThan(1_500);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void noMoreThanHalfAreEjectedWhenAllFail(long seed) {
    Simulation simulation = new Simulation(seed, false);
    for (int i = 0; i < 5; i++) {
      simulation.add(Simulation.MILLI_NS).failing = true;
    }
    simulation.run(1_000, 20 * SECOND_NS);
    assertThat(simulation.fleet.ejected()).isEqualTo(2);
    simulation.instances.forEach(each -> each.failing = false);
    simulation.run(1_000, 60 * SECOND_NS);
    assertThat(simulation.fleet.ejected()).isZero();
    simulation.run(1_000, 10 * SECOND_NS);
    assertThat(simulation.failures()).isZero();
    assertThat(simulation.instances)
        .as("seed %d", seed)
        .allSatisfy(each -> assertThat(each.taken).isGreaterThan(simulation.taken() / 10));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aLoneInstanceIsNeverEjected(long seed) {
    Simulation simulation = new Simulation(seed, false);
    Instance lone = simulation.add(Simulation.MILLI_NS);
    lone.failing = true;
    simulation.run(500, SECOND_NS);
    assertThat(simulation.fleet.ejected()).isZero();
    // The last call may not have ended.
    assertThat(simulation.failures()).isPositive().isBetween(lone.taken - 1, lone.taken);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aNewInstanceTakesItsShareButNotTheHerd(long seed) {
    Simulation simulation = new Simulation(seed, false);
    simulation.add(2 * Simulation.MILLI_NS);
    simulation.add(2 * Simulation.MILLI_NS);
    simulation.run(500, 5 * SECOND_NS);
    Instance fresh = simulation.add(2 * Simulation.MILLI_NS);
    simulation.run(500, 100 * Simulation.MILLI_NS);
    assertThat(fresh.taken).as("seed %d", seed).isPositive();
    simulation.run(500, 5 * SECOND_NS);
    assertThat(fresh.taken).isBetween(simulation.taken() / 5, simulation.taken() * 3 / 5);
    assertThat(simulation.percentileMillis(99)).isLessThan(25);
  }
}
