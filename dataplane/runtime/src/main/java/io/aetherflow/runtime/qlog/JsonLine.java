package io.aetherflow.runtime.qlog;

/** One JSON object, built key by key into a buffer that is used again. Not thread-safe. */
final class JsonLine {
  private static final int ESCAPED_BELOW = 0x20;

  private final StringBuilder text = new StringBuilder(256);

  JsonLine begin() {
    text.setLength(0);
    text.append('{');
    return this;
  }

  JsonLine open(String key) {
    key(key).append('{');
    return this;
  }

  JsonLine close() {
    text.append('}');
    return this;
  }

  JsonLine put(String key, long value) {
    key(key).append(value);
    return this;
  }

  JsonLine put(String key, boolean value) {
    key(key).append(value);
    return this;
  }

  JsonLine put(String key, String value) {
    quote(key(key), value);
    return this;
  }

  JsonLine putOne(String key, long onlyElement) {
    key(key).append('[').append(onlyElement).append(']');
    return this;
  }

  /** Nanoseconds as milliseconds with six decimals. */
  JsonLine putMillis(String key, long ns) {
    return putMillionths(key, ns);
  }

  /** A number given in millionths. */
  JsonLine putMillionths(String key, long millionths) {
    StringBuilder out = key(key);
    if (millionths < 0) {
      out.append('-');
    }
    long size = Math.abs(millionths);
    String rest = Long.toString(size % 1_000_000);
    out.append(size / 1_000_000).append('.').repeat('0', 6 - rest.length()).append(rest);
    return this;
  }

  private StringBuilder key(String key) {
    if (text.charAt(text.length() - 1) != '{') {
      text.append(',');
    }
    return quote(text, key).append(':');
  }

  /** A peer chooses some of the strings. */
  private static StringBuilder quote(StringBuilder out, String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ESCAPED_BELOW || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else {
        out.append(c);
      }
    }
    return out.append('"');
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
