package io.aetherflow.operator.etcd;

import io.aetherflow.operator.etcd.EtcdFacts.MemberHealth;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Knows the health of each member, on a thread of its own so that a member that hangs delays
 * nobody. Methods return at once and may be called from any thread.
 */
final class MemberWatch implements AutoCloseable {
  /** How long a member that died unseen may pass for healthy. */
  private static final long STEADY_PERIOD_MILLIS = 5_000;

  /** How soon a member that comes back is noticed. */
  private static final long TROUBLE_PERIOD_MILLIS = 400;

  private final Runnable onChange;
  private final MemberProbe probe = new MemberProbe();
  private final ElectionGrace grace = new ElectionGrace();
  private final LongSupplier nanoTime;
  private final Semaphore wake = new Semaphore(0);
  private final Thread worker;

  private volatile EtcdTarget target;
  private volatile List<MemberHealth> health = List.of();

  /**
   * @param onChange called on the watch's thread after the health of a member changed
   */
  MemberWatch(String name, EtcdTarget target, LongSupplier nanoTime, Runnable onChange) {
    this.target = target;
    this.nanoTime = nanoTime;
    this.onChange = onChange;
    this.worker = Thread.ofVirtual().name("members-" + name).start(this::run);
  }

  /** One entry per member, or none before the first round of answers. */
  List<MemberHealth> health() {
    return health;
  }

  /** Asks these members from now on. */
  void retarget(EtcdTarget now) {
    target = now;
    look();
  }

  /** Ask again now. */
  void look() {
    wake.release();
  }

  private void run() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        List<MemberHealth> answers = ask();
        List<MemberHealth> now = grace.grant(health, answers, nanoTime.getAsLong());
        if (!now.equals(health)) {
          health = now;
          onChange.run();
        }
        boolean steady = answers.stream().allMatch(MemberHealth::healthy);
        if (wake.tryAcquire(
            steady ? STEADY_PERIOD_MILLIS : TROUBLE_PERIOD_MILLIS, TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      // Closed.
    } finally {
      probe.close();
    }
  }

  /** An address that is no address makes its members unhealthy, and must not end the watch. */
  private List<MemberHealth> ask() throws InterruptedException {
    EtcdTarget asked = target;
    try {
      return probe.ask(asked);
    } catch (RuntimeException e) {
      return asked.members().stream()
          .map(member -> new MemberHealth(member.name(), "", false, false, e.toString()))
          .toList();
    }
  }

  @Override
  public void close() {
    worker.interrupt();
  }
}
