package io.aetherflow.gateway.yjs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a Yjs update (format 1) contains: the clock ranges of its structs and of its deletions. The
 * contents themselves are checked for well-formedness only, because one update that clients cannot
 * read would break every copy of its document.
 *
 * <p>Layout: yjs, src/utils/encoding.js and src/structs.
 */
public record YjsUpdate(List<Range> structs, List<Range> deletions) {
  private static final int HAS_ORIGIN = 0x80;
  private static final int HAS_RIGHT_ORIGIN = 0x40;
  private static final int HAS_PARENT_SUB = 0x20;
  private static final int KIND_MASK = 0x1F;
  private static final int GC = 0;
  private static final int SKIP = 10;
  private static final int XML_ELEMENT = 3;
  private static final int XML_HOOK = 5;

  /** Clocks [from, to) of one Yjs client. */
  public record Range(long client, long from, long to) {}

  public static YjsUpdate parse(byte[] update) throws MalformedException {
    VarReader in = new VarReader(update);
    List<Range> structs = structs(in);
    List<Range> deletions = new ArrayList<>();
    for (long clients = in.varUint(); clients > 0; clients--) {
      long client = in.varUint();
      for (long left = in.varUint(); left > 0; left--) {
        long from = in.varUint();
        deletions.add(new Range(client, from, from + in.varUint()));
      }
    }
    in.mustBeAtEnd();
    return new YjsUpdate(structs, deletions);
  }

  public boolean isEmpty() {
    return structs.isEmpty() && deletions.isEmpty();
  }

  /** The update without its structs, for who has these: an update too. */
  public static byte[] onlyDeletions(byte[] update) throws MalformedException {
    VarReader in = new VarReader(update);
    structs(in);
    // The number of clients with structs, none, takes one byte; as many at least were read.
    byte[] rest = Arrays.copyOfRange(update, in.at() - 1, update.length);
    rest[0] = 0;
    return rest;
  }

  private static List<Range> structs(VarReader in) throws MalformedException {
    List<Range> structs = new ArrayList<>();
    for (long clients = in.varUint(); clients > 0; clients--) {
      structsOfOneClient(in, structs);
    }
    return structs;
  }

  private static void structsOfOneClient(VarReader in, List<Range> structs)
      throws MalformedException {
    long left = in.varUint();
    long client = in.varUint();
    long clock = in.varUint();
    long from = clock;
    for (; left > 0; left--) {
      int info = in.uint8();
      if ((info & KIND_MASK) == SKIP) {
        addUnlessEmpty(structs, client, from, clock);
        clock += in.varUint();
        from = clock;
      } else {
        clock += (info & KIND_MASK) == GC ? in.varUint() : itemLength(in, info);
      }
    }
    addUnlessEmpty(structs, client, from, clock);
  }

  private static void addUnlessEmpty(List<Range> ranges, long client, long from, long to) {
    if (to > from) {
      ranges.add(new Range(client, from, to));
    }
  }

  private static long itemLength(VarReader in, int info) throws MalformedException {
    if ((info & HAS_ORIGIN) != 0) {
      skipId(in);
    }
    if ((info & HAS_RIGHT_ORIGIN) != 0) {
      skipId(in);
    }
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) == 0) {
      if (in.varUint() == 1) {
        in.skipVarBytes();
      } else {
        skipId(in);
      }
      if ((info & HAS_PARENT_SUB) != 0) {
        in.skipVarBytes();
      }
    }
    return contentLength(in, info & KIND_MASK);
  }

  private static void skipId(VarReader in) throws MalformedException {
    in.varUint();
    in.varUint();
  }

  private static long contentLength(VarReader in, int kind) throws MalformedException {
    switch (kind) {
      case 1 -> {
        return in.varUint();
      }
      case 2 -> {
        long length = in.varUint();
        for (long left = length; left > 0; left--) {
          in.skipVarBytes();
        }
        return length;
      }
      case 3, 5 -> in.skipVarBytes();
      case 4 -> {
        return in.varString().length();
      }
      case 6 -> {
        in.skipVarBytes();
        in.skipVarBytes();
      }
      case 7 -> {
        long type = in.varUint();
        if (type == XML_ELEMENT || type == XML_HOOK) {
          in.skipVarBytes();
        }
      }
      case 8 -> {
        long length = in.varUint();
        for (long left = length; left > 0; left--) {
          in.skipAny();
        }
        return length;
      }
      case 9 -> {
        in.skipVarBytes();
        in.skipAny();
      }
      default -> throw new MalformedException("unknown kind of content " + kind);
    }
    return 1;
  }
}
