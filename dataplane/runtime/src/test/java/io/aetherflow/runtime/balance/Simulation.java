package io.aetherflow.runtime.balance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.LongUnaryOperator;

/** Calls arriving at random on instances that each work one call at a time, in virtual time. */
final class Simulation {
  static final long MILLI_NS = 1_000_000;

  final Fleet fleet = new Fleet();
  final List<Instance> instances = new ArrayList<>();
  private final Random random;
  private final boolean roundRobin;
  private final PriorityQueue<End> ends = new PriorityQueue<>(Comparator.comparingLong(End::atNs));
  private final List<Long> latenciesNs = new ArrayList<>();
  private long nowNs;
  private long calls;
  private long failures;

  /** What a call takes at a time, and whether it fails there. */
  static final class Instance {
    final Endpoint endpoint;
    LongUnaryOperator serviceNs;
    boolean failing;
    long taken;
    private long busyUntilNs;

    Instance(Endpoint endpoint, LongUnaryOperator serviceNs) {
      this.endpoint = endpoint;
      this.serviceNs = serviceNs;
    }
  }

  private record End(long atNs, long startedNs, Instance instance, boolean failed) {}

  Simulation(long seed, boolean roundRobin) {
    this.random = new Random(seed);
    this.roundRobin = roundRobin;
  }

  Instance add(long serviceNs) {
    Instance instance = new Instance(new Endpoint(fleet, nowNs), _ -> serviceNs);
    instances.add(instance);
    fleet.size(instances.size());
    return instance;
  }

  /** Lets calls arrive at this rate (Poisson) for the time, and forgets what was counted before. */
  void run(double callsPerSecond, long forNs) {
    latenciesNs.clear();
    failures = 0;
    instances.forEach(each -> each.taken = 0);
    long untilNs = nowNs + forNs;
    while (true) {
      long next = nowNs + (long) (-Math.log(1 - random.nextDouble()) / callsPerSecond * 1e9);
      if (next >= untilNs) {
        settle(untilNs);
        nowNs = untilNs;
        return;
      }
      settle(next);
      nowNs = next;
      arrive();
    }
  }

  private void arrive() {
    Instance instance =
        roundRobin
            ? instances.get((int) (calls % instances.size()))
            : PowerOfTwo.pick(instances, each -> each.endpoint, random, nowNs);
    calls++;
    instance.taken++;
    instance.endpoint.onStart();
    if (instance.failing) {
      ends.add(new End(nowNs + MILLI_NS / 10, nowNs, instance, true));
      return;
    }
    long starts = Math.max(nowNs, instance.busyUntilNs);
    instance.busyUntilNs = starts + instance.serviceNs.applyAsLong(nowNs);
    ends.add(new End(instance.busyUntilNs, nowNs, instance, false));
  }

  private void settle(long untilNs) {
    while (!ends.isEmpty() && ends.peek().atNs() <= untilNs) {
      End end = ends.poll();
      long took = end.atNs() - end.startedNs();
      Endpoint.Outcome outcome = end.failed() ? Endpoint.Outcome.FAILURE : Endpoint.Outcome.SUCCESS;
      end.instance().endpoint.onEnd(outcome, end.failed() ? -1 : took, end.atNs());
      if (end.failed()) {
        failures++;
      } else {
        latenciesNs.add(took);
      }
    }
  }

  long failures() {
    return failures;
  }

  long taken() {
    return instances.stream().mapToLong(each -> each.taken).sum();
  }

  double percentileMillis(double percent) {
    long[] sorted = latenciesNs.stream().mapToLong(Long::longValue).toArray();
    Arrays.sort(sorted);
    return sorted[(int) Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1e6;
  }
}
