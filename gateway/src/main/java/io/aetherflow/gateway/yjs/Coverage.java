package io.aetherflow.gateway.yjs;

import java.util.ArrayList;
import java.util.List;

/**
 * Which structs and deletions a set of updates contains together. It answers two questions without
 * a Yjs document: what to ask a client for (the state vector), and whether an update adds anything.
 * Not thread-safe.
 */
public final class Coverage {
  /**
   * Caps memory, at 24 bytes each, per joining socket and per answer on documents with many clients
   * or scattered deletions. Some thousands more may be gathered before it shows.
   */
  static final int RANGES_MAX = 262_144;

  private final RangeSet structs = new RangeSet();
  private final RangeSet deletions = new RangeSet();
  private boolean overflowed;

  public void add(YjsUpdate update) {
    for (YjsUpdate.Range each : update.structs()) {
      add(structs, each);
    }
    for (YjsUpdate.Range each : update.deletions()) {
      add(deletions, each);
    }
  }

  /** What a state vector claims: everything of each client before its clock. */
  public static Coverage ofVector(byte[] vector) throws MalformedException {
    Coverage claimed = new Coverage();
    claimed.addVector(vector);
    return claimed;
  }

  /** Adds what a state vector claims. */
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
    return coversStructs(update) && update.deletions().stream().allMatch(deletions::covers);
  }

  /** As {@link #covers(YjsUpdate)}, whatever the update deletes: no state vector tells of that. */
  public boolean coversStructs(YjsUpdate update) {
    return !overflowed && update.structs().stream().allMatch(structs::covers);
  }

  /** True when this contains all that the other does; false also when that cannot be told. */
  public boolean covers(Coverage other) {
    return !overflowed
        && !other.overflowed
        && other.structs.allMatch(structs::covers)
        && other.deletions.allMatch(deletions::covers);
  }

  /** Encoded state vector; an empty one (asking for everything) when too much was added. */
  public byte[] vector() {
    List<YjsUpdate.Range> known = new ArrayList<>();
    structs.forEach(range -> {
      if (range.from() == 0) {
        known.add(range);
      }
    });
    VarWriter vector = new VarWriter().varUint(known.size());
    known.forEach(range -> vector.varUint(range.client()).varUint(range.to()));
    return vector.bytes();
  }

  private void add(RangeSet to, YjsUpdate.Range range) {
    if (overflowed) {
      return;
    }
    to.add(range);
    overflowed = structs.mergedSize() + deletions.mergedSize() > RANGES_MAX;
    if (overflowed) {
      structs.clear();
      deletions.clear();
    }
  }
}
