package io.aetherflow.statesync.shard;

/**
 * Where a document is served, or will be in a moment.
 *
 * @param owner empty when nobody could serve it
 * @param address {@code ip:port}, or empty
 * @param epoch 0 while the owner has not claimed it yet
 */
public record Location(String owner, String address, long epoch) {
  static final Location NOWHERE = new Location("", "", 0);
}
