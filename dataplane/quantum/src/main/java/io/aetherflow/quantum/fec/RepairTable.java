package io.aetherflow.quantum.fec;

/**
 * How many repairs a group needs: for each k and m the highest loss at which a source packet stays
 * unrepaired with at most the probability that is aimed at. It stays so if it is lost and at least
 * m of the other k + m - 1 packets are lost too. Losses count as independent. Immutable.
 */
final class RepairTable {
  /** The aim: with 200 calls a second, one call in 25 s waits for a retransmission. */
  static final double UNREPAIRED_MAX = 2e-4;

  /** Halvings of the interval; the thresholds are then exact to 1e-9. */
  private static final int BISECTIONS = 30;

  private final double[][] lossMax =
      new double[CodingMatrix.SOURCES_MAX + 1][CodingMatrix.REPAIRS_MAX + 1];

  /** Computes about 2,000 thresholds, some milliseconds; keep it. */
  RepairTable() {
    for (int k = 1; k <= CodingMatrix.SOURCES_MAX; k++) {
      for (int m = 0; m <= CodingMatrix.REPAIRS_MAX; m++) {
        lossMax[k][m] = solve(k, m);
      }
    }
  }

  /** The smallest m, 1 to {@code cap}, that reaches the aim; {@code cap} if none does. */
  int repairs(int k, double lossShare, int cap) {
    int m = 1;
    while (m < cap && lossShare > lossMax[k][m]) {
      m++;
    }
    return m;
  }

  private static double solve(int k, int m) {
    double low = 0;
    double high = 1;
    for (int i = 0; i < BISECTIONS; i++) {
      double middle = (low + high) / 2;
      if (unrepaired(k, m, middle) <= UNREPAIRED_MAX) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double unrepaired(int k, int m, double loss) {
    int others = k + m - 1;
    double term = Math.pow(1 - loss, others);
    double fewer = 0;
    for (int i = 0; i < m; i++) {
      fewer += term;
      term *= loss / (1 - loss) * (others - i) / (i + 1);
    }
    return loss * (1 - fewer);
  }
}
