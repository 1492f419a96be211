package io.aetherflow.statesync.shard;

import io.aetherflow.statesync.shard.ClusterView.Owner;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What one instance makes of a {@link ClusterView}. Pure.
 *
 * <p>The proposed owner claims a shard that has no owner, a dead one, or a predecessor of its own
 * name. A live owner that is not proposed gives the shard up itself, so that nothing it has
 * acknowledged or taken in is in doubt.
 *
 * @param self name of this instance
 * @param leaving whether it takes no further shards
 */
record Ownership(ClusterView view, String self, boolean leaving) {

  private Set<String> candidates() {
    Set<String> candidates = new HashSet<>(view.candidates());
    if (leaving) {
      candidates.remove(self);
    }
    return candidates;
  }

  Optional<String> proposed(int shard) {
    return Shards.proposedOwner(shard, candidates());
  }

  /** Whether this instance should claim a shard it does not hold. */
  boolean claims(int shard) {
    return proposed(shard).filter(self::equals).isPresent()
        && view.owner(shard)
            .filter(owner -> !owner.name().equals(self) && view.alive(owner.name()))
            .isEmpty();
  }

  /**
   * Whether {@code /owners} names this instance for a shard it neither holds nor should: left by a
   * claim whose answer was lost, or by a predecessor of its name.
   */
  boolean disowns(int shard) {
    return !claims(shard)
        && view.owner(shard).filter(owner -> owner.name().equals(self)).isPresent();
  }

  /** Whether this instance should give up a shard it holds. */
  boolean releases(int shard) {
    return leaving || proposed(shard).filter(proposed -> !proposed.equals(self)).isPresent();
  }

  /** Whether another has claimed a shard that this instance holds under the epoch. */
  boolean lost(int shard, long epoch) {
    return view.owner(shard).filter(owner -> owner.epoch() > epoch).isPresent();
  }

  /** What to compare when claiming. */
  long seenEpoch(int shard) {
    return view.owner(shard).map(Owner::epoch).orElse(0L);
  }

  /** The live owner, or who will claim the shard; for shards this instance does not hold. */
  Location locate(int shard) {
    Optional<Owner> owner =
        view.owner(shard).filter(found -> view.alive(found.name()) && !found.name().equals(self));
    if (owner.isPresent()) {
      return new Location(owner.get().name(), owner.get().address(), owner.get().epoch());
    }
    return proposed(shard)
        .map(name -> new Location(name, view.members().get(name).address(), 0))
        .orElse(Location.NOWHERE);
  }
}
