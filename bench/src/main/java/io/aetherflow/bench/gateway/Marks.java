package io.aetherflow.bench.gateway;

import java.util.function.IntConsumer;

/**
 * Finds this benchmark's operations in a message without parsing it: the generator shares the
 * machine with what it measures.
 */
final class Marks {
  private static final String PREFIX = "\"data\":\"b";

  private Marks() {}

  /** Data of the operation with an index, padded so that all are of one size. */
  static String data(int index, int sizeBytes) {
    String mark = "b" + index + "_";
    return mark + "x".repeat(Math.max(0, sizeBytes - mark.length()));
  }

  /** Calls for the index of each operation in an {@code ops} message. */
  static void forEach(String message, IntConsumer onIndex) {
    for (int at = message.indexOf(PREFIX); at >= 0; at = message.indexOf(PREFIX, at)) {
      int from = at + PREFIX.length();
      int to = message.indexOf('_', from);
      onIndex.accept(Integer.parseInt(message, from, to, 10));
      at = to;
    }
  }
}
