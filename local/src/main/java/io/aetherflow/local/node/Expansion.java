package io.aetherflow.local.node;

import java.util.Map;

/** {@code $(NAME)} in commands, arguments and values, as the kubelet expands it. Pure. */
final class Expansion {
  private Expansion() {}

  /** Unknown names stay as they are; {@code $$} is one dollar sign. */
  static String expand(String text, Map<String, String> values) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
      int close = c == '$' && next == '(' ? text.indexOf(')', i) : -1;
      if (c == '$' && next == '$') {
        out.append('$');
        i++;
      } else if (close > 0) {
        String value = values.get(text.substring(i + 2, close));
        out.append(value == null ? text.substring(i, close + 1) : value);
        i = close;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
