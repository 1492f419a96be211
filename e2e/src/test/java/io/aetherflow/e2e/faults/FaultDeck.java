package io.aetherflow.e2e.faults;

import io.aetherflow.e2e.faults.Fault.Blow;
import io.aetherflow.e2e.faults.Fault.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Which fault is next. Targets come from a shuffled deck with one card of each, so that of any run
 * of 36 faults nine hit owners; a card whose target may not be hit now stays for later. Everything
 * follows from the seed and from what was allowed.
 */
final class FaultDeck {
  private static final int PAUSE_MILLIS_MIN = 2_000;
  private static final int PAUSE_MILLIS_MAX = 8_000;

  private final Random random;
  private final List<Target> cards = new ArrayList<>();

  FaultDeck(long seed) {
    random = new Random(seed);
  }

  /** The first card that is allowed, from this deck or, if it has none, from a further one. */
  Optional<Fault> next(Predicate<Target> allowed) {
    Optional<Target> card = cards.stream().filter(allowed).findFirst();
    if (card.isEmpty() && cards.size() < Target.values().length) {
      List<Target> more = new ArrayList<>(List.of(Target.values()));
      Collections.shuffle(more, random);
      cards.addAll(more);
      card = cards.stream().filter(allowed).findFirst();
    }
    card.ifPresent(cards::remove);
    return card.map(target -> new Fault(target, blow()));
  }

  private Blow blow() {
    return random.nextBoolean()
        ? new Blow.Kill()
        : new Blow.Pause(Duration.ofMillis(random.nextInt(PAUSE_MILLIS_MIN, PAUSE_MILLIS_MAX + 1)));
  }

  /** One of several alike. */
  <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
