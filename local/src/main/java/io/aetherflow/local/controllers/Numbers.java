package io.aetherflow.local.controllers;

import io.fabric8.kubernetes.api.model.IntOrString;

/** Numbers as API objects hold them. */
final class Numbers {
  private Numbers() {}

  static int orZero(Integer number) {
    return number == null ? 0 : number;
  }

  /** The API leaves most zero counts out of a status. */
  static Integer nullIfZero(int number) {
    return number == 0 ? null : number;
  }

  /** A count, or a percentage of the total. */
  static int resolve(IntOrString value, int total, boolean roundUp) {
    if (value == null) {
      return 0;
    }
    if (value.getStrVal() == null) {
      return orZero(value.getIntVal());
    }
    int percent = Integer.parseInt(value.getStrVal().replace("%", "").strip());
    return (int) ((long) percent * total + (roundUp ? 99 : 0)) / 100;
  }

  static int parseOr(String text, int otherwise) {
    try {
      return text == null ? otherwise : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
