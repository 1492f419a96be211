package io.aetherflow.quantum.fec;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Nibble tables in vector registers: a product is the XOR of two 16-entry look-ups, one per half of
 * the byte, each a single permutation for a whole vector. Up to three sums share one read of the
 * source. The loops stay small on purpose: past HotSpot's node limit for inlining, vectors would be
 * boxed, which was measured at a fifth of the speed.
 *
 * <p>Decoding has a loop of its own for one sum, whatever the number of losses: a loop for three
 * would run too seldom for HotSpot's second compiler, and before that vectors are objects.
 *
 * <p>Without 512-bit permutations of bytes the 128-bit species is used: it maps to one PSHUFB or
 * TBL, while a 256-bit look-up would cross lanes.
 */
final class VectorKernel implements FecKernel {
  private static final VectorSpecies<Byte> SPECIES =
      ByteVector.SPECIES_PREFERRED.length() == 64 ? ByteVector.SPECIES_512 : ByteVector.SPECIES_128;
  private static final int LANES = SPECIES.length();
  private static final int ENTRY_BYTES = 2 * LANES;

  /**
   * Per factor: products of the low nibbles, then of the high ones, repeated to a vector's width.
   */
  private static final byte[] TABLES = new byte[256 * ENTRY_BYTES];

  /** {@code LANES} zeros, then ones: a window into it keeps the last bytes of a vector. */
  private static final byte[] KEEP = new byte[2 * LANES];

  private static final FecKernel SHORT = new ScalarKernel();

  static {
    for (int factor = 0; factor < 256; factor++) {
      for (int i = 0; i < LANES; i++) {
        int at = factor * ENTRY_BYTES + i;
        TABLES[at] = Galois.multiply((byte) factor, (byte) (i & 15));
        TABLES[at + LANES] = Galois.multiply((byte) factor, (byte) ((i & 15) << 4));
      }
    }
    java.util.Arrays.fill(KEEP, LANES, 2 * LANES, (byte) -1);
  }

  @Override
  public String name() {
    return "vector" + SPECIES.vectorBitSize();
  }

  @Override
  public void accumulate(
      byte[] factors, int rows, byte[] src, int srcOff, byte[][] sums, int sumOff, int length) {
    if (length < LANES) {
      SHORT.accumulate(factors, rows, src, srcOff, sums, sumOff, length);
      return;
    }
    int r = 0;
    for (; r + 3 <= rows; r += 3) {
      add3(factors, r, src, srcOff, sums[r], sums[r + 1], sums[r + 2], sumOff, length);
    }
    for (; r < rows; r++) {
      add1(factors[r], src, srcOff, sums[r], sumOff, length);
    }
    if (SPECIES.loopBound(length) < length) {
      for (r = 0; r < rows; r++) {
        addTail(factors[r], src, srcOff, sums[r], sumOff, length);
      }
    }
  }

  private static void add3(
      byte[] factors,
      int row,
      byte[] src,
      int srcOff,
      byte[] sum0,
      byte[] sum1,
      byte[] sum2,
      int sumOff,
      int length) {
    ByteVector low0 = low(factors[row]);
    ByteVector high0 = high(factors[row]);
    ByteVector low1 = low(factors[row + 1]);
    ByteVector high1 = high(factors[row + 1]);
    ByteVector low2 = low(factors[row + 2]);
    ByteVector high2 = high(factors[row + 2]);
    int whole = SPECIES.loopBound(length);
    for (int i = 0; i < whole; i += LANES) {
      ByteVector x = ByteVector.fromArray(SPECIES, src, srcOff + i);
      ByteVector low = lowNibbles(x);
      ByteVector high = highNibbles(x);
      add(low, high, low0, high0, sum0, sumOff + i);
      add(low, high, low1, high1, sum1, sumOff + i);
      add(low, high, low2, high2, sum2, sumOff + i);
    }
  }

  private static void add1(
      byte factor, byte[] src, int srcOff, byte[] sum, int sumOff, int length) {
    ByteVector low = low(factor);
    ByteVector high = high(factor);
    int whole = SPECIES.loopBound(length);
    for (int i = 0; i < whole; i += LANES) {
      ByteVector x = ByteVector.fromArray(SPECIES, src, srcOff + i);
      add(lowNibbles(x), highNibbles(x), low, high, sum, sumOff + i);
    }
  }

  /**
   * The last, partial vector: reads a whole one that ends there, with bytes already done as zeros.
   */
  private static void addTail(
      byte factor, byte[] src, int srcOff, byte[] sum, int sumOff, int length) {
    int at = length - LANES;
    ByteVector x =
        ByteVector.fromArray(SPECIES, src, srcOff + at)
            .and(ByteVector.fromArray(SPECIES, KEEP, length - SPECIES.loopBound(length)));
    add(lowNibbles(x), highNibbles(x), low(factor), high(factor), sum, sumOff + at);
  }

  @Override
  public void combine(
      byte[][] factors, int rows, byte[][] ins, int columns, byte[][] outs, int length) {
    if (rows != 3 || length < LANES) {
      FecKernel.super.combine(factors, rows, ins, columns, outs, length);
      return;
    }
    int i = 0;
    for (; i + 2 * LANES <= length; i += 2 * LANES) {
      combine3x2(factors, ins, columns, outs, i);
    }
    for (; i < length; i += LANES) {
      combine3(factors, ins, columns, outs, Math.min(i, length - LANES));
    }
  }

  /** Two vectors at once, so that six sums hide the permutations' latency and share the tables. */
  private static void combine3x2(
      byte[][] factors, byte[][] ins, int columns, byte[][] outs, int at) {
    ByteVector a0 = ByteVector.zero(SPECIES);
    ByteVector a1 = a0;
    ByteVector a2 = a0;
    ByteVector b0 = a0;
    ByteVector b1 = a0;
    ByteVector b2 = a0;
    for (int c = 0; c < columns; c++) {
      byte[] factor = factors[c];
      ByteVector a = ByteVector.fromArray(SPECIES, ins[c], at);
      ByteVector b = ByteVector.fromArray(SPECIES, ins[c], at + LANES);
      ByteVector aLow = lowNibbles(a);
      ByteVector aHigh = highNibbles(a);
      ByteVector bLow = lowNibbles(b);
      ByteVector bHigh = highNibbles(b);
      ByteVector low = low(factor[0]);
      ByteVector high = high(factor[0]);
      a0 = a0.lanewise(VectorOperators.XOR, product(aLow, aHigh, low, high));
      b0 = b0.lanewise(VectorOperators.XOR, product(bLow, bHigh, low, high));
      low = low(factor[1]);
      high = high(factor[1]);
      a1 = a1.lanewise(VectorOperators.XOR, product(aLow, aHigh, low, high));
      b1 = b1.lanewise(VectorOperators.XOR, product(bLow, bHigh, low, high));
      low = low(factor[2]);
      high = high(factor[2]);
      a2 = a2.lanewise(VectorOperators.XOR, product(aLow, aHigh, low, high));
      b2 = b2.lanewise(VectorOperators.XOR, product(bLow, bHigh, low, high));
    }
    a0.intoArray(outs[0], at);
    a1.intoArray(outs[1], at);
    a2.intoArray(outs[2], at);
    b0.intoArray(outs[0], at + LANES);
    b1.intoArray(outs[1], at + LANES);
    b2.intoArray(outs[2], at + LANES);
  }

  private static void combine3(byte[][] factors, byte[][] ins, int columns, byte[][] outs, int at) {
    ByteVector s0 = ByteVector.zero(SPECIES);
    ByteVector s1 = s0;
    ByteVector s2 = s0;
    for (int c = 0; c < columns; c++) {
      byte[] factor = factors[c];
      ByteVector x = ByteVector.fromArray(SPECIES, ins[c], at);
      ByteVector low = lowNibbles(x);
      ByteVector high = highNibbles(x);
      s0 = s0.lanewise(VectorOperators.XOR, product(low, high, low(factor[0]), high(factor[0])));
      s1 = s1.lanewise(VectorOperators.XOR, product(low, high, low(factor[1]), high(factor[1])));
      s2 = s2.lanewise(VectorOperators.XOR, product(low, high, low(factor[2]), high(factor[2])));
    }
    s0.intoArray(outs[0], at);
    s1.intoArray(outs[1], at);
    s2.intoArray(outs[2], at);
  }

  @Override
  public void combine(byte[] factors, byte[][] ins, int columns, byte[] out, int length) {
    if (length < LANES) {
      SHORT.combine(factors, ins, columns, out, length);
    } else if (length < 4 * LANES) {
      for (int i = 0; i < length; i += LANES) {
        combine1(factors, ins, columns, out, Math.min(i, length - LANES));
      }
    } else {
      for (int i = 0; i < length; i += 4 * LANES) {
        combine1x4(factors, ins, columns, out, Math.min(i, length - 4 * LANES));
      }
    }
  }

  private static void combine1x4(byte[] factors, byte[][] ins, int columns, byte[] out, int at) {
    ByteVector a = ByteVector.zero(SPECIES);
    ByteVector b = a;
    ByteVector c = a;
    ByteVector d = a;
    for (int i = 0; i < columns; i++) {
      ByteVector low = low(factors[i]);
      ByteVector high = high(factors[i]);
      byte[] in = ins[i];
      a = addProduct(a, in, at, low, high);
      b = addProduct(b, in, at + LANES, low, high);
      c = addProduct(c, in, at + 2 * LANES, low, high);
      d = addProduct(d, in, at + 3 * LANES, low, high);
    }
    a.intoArray(out, at);
    b.intoArray(out, at + LANES);
    c.intoArray(out, at + 2 * LANES);
    d.intoArray(out, at + 3 * LANES);
  }

  private static void combine1(byte[] factors, byte[][] ins, int columns, byte[] out, int at) {
    ByteVector sum = ByteVector.zero(SPECIES);
    for (int i = 0; i < columns; i++) {
      sum = addProduct(sum, ins[i], at, low(factors[i]), high(factors[i]));
    }
    sum.intoArray(out, at);
  }

  private static ByteVector addProduct(
      ByteVector sum, byte[] in, int at, ByteVector low, ByteVector high) {
    ByteVector x = ByteVector.fromArray(SPECIES, in, at);
    return sum.lanewise(VectorOperators.XOR, product(lowNibbles(x), highNibbles(x), low, high));
  }

  private static void add(
      ByteVector lowNibbles,
      ByteVector highNibbles,
      ByteVector low,
      ByteVector high,
      byte[] sum,
      int at) {
    ByteVector.fromArray(SPECIES, sum, at)
        .lanewise(VectorOperators.XOR, product(lowNibbles, highNibbles, low, high))
        .intoArray(sum, at);
  }

  private static ByteVector product(
      ByteVector lowNibbles, ByteVector highNibbles, ByteVector low, ByteVector high) {
    return lowNibbles.selectFrom(low).lanewise(VectorOperators.XOR, highNibbles.selectFrom(high));
  }

  private static ByteVector lowNibbles(ByteVector x) {
    return x.and((byte) 15);
  }

  /**
   * Shifts 32-bit lanes, since processors have no shift of bytes; the mask removes the neighbours.
   */
  private static ByteVector highNibbles(ByteVector x) {
    return x.reinterpretAsInts()
        .lanewise(VectorOperators.LSHR, 4)
        .reinterpretAsBytes()
        .and((byte) 15);
  }

  private static ByteVector low(byte factor) {
    return ByteVector.fromArray(SPECIES, TABLES, (factor & 0xFF) * ENTRY_BYTES);
  }

  private static ByteVector high(byte factor) {
    return ByteVector.fromArray(SPECIES, TABLES, (factor & 0xFF) * ENTRY_BYTES + LANES);
  }
}
