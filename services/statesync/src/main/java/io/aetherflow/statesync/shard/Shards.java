package io.aetherflow.statesync.shard;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Which shard a document lives in, and which member should own a shard. Pure; the same on every
 * instance and in every release, for both decide where durable data is found.
 */
public final class Shards {
  /** Fixed for ever: it is part of the key layout. */
  public static final int COUNT = 256;

  private Shards() {}

  public static int of(String document) {
    return (int) (mix(hash(document)) >>> 56);
  }

  /**
   * Rendezvous hashing (Thaler and Ravishankar, 1998): a member that goes moves only its own
   * shards.
   */
  public static Optional<String> proposedOwner(int shard, Collection<String> members) {
    return members.stream()
        .max(
            Comparator.comparingLong((String member) -> mix(hash(member) + shard * 0x9E3779B9L))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static long hash(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }

  /** SplitMix64's finalizer: CRC alone keeps neighbours together. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
