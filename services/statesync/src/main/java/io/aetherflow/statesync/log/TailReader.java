package io.aetherflow.statesync.log;

import io.aetherflow.api.statesync.v1.LogPart;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.statesync.log.OpLog.Tail;
import io.aetherflow.statesync.log.ShardPlaces.Piece;
import io.aetherflow.statesync.log.ShardPlaces.Place;
import io.etcd.jetcd.KeyValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Collects one shard's segments from the logs of those who owned it. */
final class TailReader {
  private final long trimmed;
  private final List<Piece> pieces;
  private final Map<String, Long> firsts = new HashMap<>();
  private final TreeMap<Long, Segment> segments = new TreeMap<>();
  private final Map<Long, Place> places = new HashMap<>();

  private TailReader(long trimmed, List<Piece> pieces) {
    this.trimmed = trimmed;
    this.pieces = pieces;
    pieces.forEach(piece -> firsts.merge(piece.log(), piece.firstEntry(), Math::min));
  }

  /**
   * @param keys everything under {@link LogKeys#places}
   */
  static TailReader of(List<KeyValue> keys) {
    long trimmed = 0;
    List<Piece> pieces = new ArrayList<>();
    for (KeyValue kv : keys) {
      String leaf = LogKeys.leaf(kv.getKey());
      long number = Long.parseLong(Bytes.text(kv.getValue()));
      if (leaf.equals(LogKeys.TRIMMED)) {
        trimmed = number;
      } else {
        pieces.add(new Piece(kv.getKey(), leaf.substring(0, leaf.indexOf('.')), number));
      }
    }
    return new TailReader(trimmed, pieces);
  }

  List<Piece> pieces() {
    return pieces;
  }

  /** By log, the first entry that may concern the shard. */
  Map<String, Long> firsts() {
    return firsts;
  }

  void take(LogPart part, Place place) {
    Long first = firsts.get(place.log());
    if (first != null && place.entry() >= first && part.getNumber() > trimmed) {
      segments.put(part.getNumber(), new Segment(part.getNumber(), part.getBatchesList()));
      places.put(part.getNumber(), place);
    }
  }

  Map<Long, Place> places() {
    return places;
  }

  Tail tail() {
    return new Tail(trimmed, List.copyOf(segments.values()));
  }
}
