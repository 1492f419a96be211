package io.aetherflow.gateway.yjs;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which structs and deletions a set of updates contains together. It answers two questions without
 * a Yjs document: what to ask a client for (the state vector), and whether an update adds anything.
 * Not thread-safe.
 */
public final class Coverage {
  /** Caps memory per joining socket on documents with many clients or scattered deletions. */
  static final int RANGES_MAX = 65_536;

  private final Map<Long, TreeMap<Long, Long>> structs = new HashMap<>();
  private final Map<Long, TreeMap<Long, Long>> deletions = new HashMap<>();
  private int ranges;
  private boolean overflowed;

  public void add(YjsUpdate update) {
    update.structs().forEach(range -> add(structs, range));
    update.deletions().forEach(range -> add(deletions, range));
  }

  /** Adds what a state vector claims: everything of each client before its clock. */
  public void addVector(byte[] vector) throws MalformedException {
    VarReader in = new VarReader(vector);
    for (long left = in.varUint(); left > 0; left--) {
      long client = in.varUint();
      add(structs, new YjsUpdate.Range(client, 0, in.varUint()));
    }
    in.mustBeAtEnd();
  }

  /** True when the update adds nothing; false also when that cannot be told any more. */
  public boolean covers(YjsUpdate update) {
    return !overflowed
        && update.structs().stream().allMatch(range -> covers(structs, range))
        && update.deletions().stream().allMatch(range -> covers(deletions, range));
  }

  /** Encoded state vector; an empty one (asking for everything) when too much was added. */
  public byte[] vector() {
    VarWriter body = new VarWriter();
    if (overflowed) {
      return body.varUint(0).bytes();
    }
    Map<Long, Long> clocks = new HashMap<>();
    structs.forEach((client, ofClient) -> {
      Long end = ofClient.get(0L);
      if (end != null) {
        clocks.put(client, end);
      }
    });
    body.varUint(clocks.size());
    clocks.forEach((client, clock) -> body.varUint(client).varUint(clock));
    return body.bytes();
  }

  private void add(Map<Long, TreeMap<Long, Long>> to, YjsUpdate.Range range) {
    if (overflowed || range.from() == range.to()) {
      return;
    }
    TreeMap<Long, Long> ofClient = to.computeIfAbsent(range.client(), _ -> new TreeMap<>());
    long from = range.from();
    long end = range.to();
    Map.Entry<Long, Long> before = ofClient.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      end = Math.max(end, before.getValue());
    }
    Map.Entry<Long, Long> next = ofClient.ceilingEntry(from);
    while (next != null && next.getKey() <= end) {
      end = Math.max(end, next.getValue());
      ofClient.remove(next.getKey());
      ranges--;
      next = ofClient.ceilingEntry(from);
    }
    ofClient.put(from, end);
    if (++ranges > RANGES_MAX) {
      overflowed = true;
      structs.clear();
      deletions.clear();
    }
  }

  private static boolean covers(Map<Long, TreeMap<Long, Long>> in, YjsUpdate.Range range) {
    TreeMap<Long, Long> ofClient = in.get(range.client());
    Map.Entry<Long, Long> holder = ofClient == null ? null : ofClient.floorEntry(range.from());
    return range.from() == range.to() || holder != null && holder.getValue() >= range.to();
  }
}
