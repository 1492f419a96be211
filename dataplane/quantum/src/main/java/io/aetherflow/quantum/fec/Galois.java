package io.aetherflow.quantum.fec;

/** Arithmetic in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. Stateless. */
final class Galois {
  private static final int POLYNOMIAL = 0x11D;
  private static final int ORDER = 255;
  private static final int LOG_OF_ZERO = 2 * ORDER;
  private static final byte[] EXP = new byte[2 * LOG_OF_ZERO + 1];
  private static final int[] LOG = new int[256];

  static {
    LOG[0] = LOG_OF_ZERO;
    int x = 1;
    for (int i = 0; i < ORDER; i++) {
      EXP[i] = (byte) x;
      EXP[i + ORDER] = (byte) x;
      LOG[x] = i;
      x <<= 1;
      if (x > 0xFF) {
        x ^= POLYNOMIAL;
      }
    }
  }

  private Galois() {}

  /** Without branches, for decoding solves a small matrix per loss: log 0 leads into zeros. */
  static byte multiply(byte a, byte b) {
    return EXP[LOG[a & 0xFF] + LOG[b & 0xFF]];
  }

  static byte inverse(byte a) {
    if (a == 0) {
      throw new ArithmeticException("0 has no inverse");
    }
    return EXP[ORDER - LOG[a & 0xFF]];
  }

  /** {@code base} to the power {@code n}; 0 to the 0 is 1. */
  static byte power(int base, int n) {
    if (n == 0) {
      return 1;
    }
    return base == 0 ? 0 : EXP[LOG[base] * n % ORDER];
  }
}
