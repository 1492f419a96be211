package io.aetherflow.statesync.log;

import io.etcd.jetcd.ByteSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Where the segments of one claimed shard are. Guarded by its log. */
final class ShardPlaces {
  /** An entry of a log; several segments of different shards share one. */
  record Place(String log, long entry) {}

  /** The key that says from which entry of a log on a shard's segments may be found. */
  record Piece(ByteSequence key, String log, long firstEntry) {}

  private final long epoch;
  private final ByteSequence ownKey;
  private final List<Piece> others = new ArrayList<>();
  private final TreeMap<Long, Place> segments = new TreeMap<>();

  /**
   * @param epoch of the claim
   * @param ownKey the key that the claim wrote
   */
  ShardPlaces(long epoch, ByteSequence ownKey) {
    this.epoch = epoch;
    this.ownKey = ownKey;
  }

  long epoch() {
    return epoch;
  }

  ByteSequence ownKey() {
    return ownKey;
  }

  void found(List<Piece> pieces) {
    others.clear();
    pieces.stream().filter(piece -> !piece.key().equals(ownKey)).forEach(others::add);
  }

  /** A segment is there, or on its way there. */
  void put(long number, Place place) {
    segments.put(number, place);
  }

  Place find(long number) {
    return segments.get(number);
  }

  SortedMap<Long, Place> above(long number) {
    return segments.tailMap(number, false);
  }

  /** Keys that nothing above the number needs, apart from the claim's own. */
  List<Piece> unneededAbove(long number, String ownLog) {
    boolean foreignLeft =
        above(number).values().stream().anyMatch(place -> !place.log().equals(ownLog));
    return others.stream().filter(piece -> !foreignLeft || piece.log().equals(ownLog)).toList();
  }

  void trimmed(long through, List<Piece> dropped) {
    segments.headMap(through, true).clear();
    others.removeAll(dropped);
  }
}
