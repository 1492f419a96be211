package io.aetherflow.api;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What an operator may change on running pods: the protocol's knobs and the log level.
 *
 * <p>{@link #entries()} are the etcd keys and values of one tuning revision; {@link #parse} is
 * their inverse and accepts a revision as a whole or not at all. Immutable.
 *
 * @param fecMode how parity is chosen
 * @param fecGroupSize source packets per full FEC group, 1 to 64
 * @param fecRatioPercent repairs per source packet in percent, 0 to 100; {@code "0.3"} in etcd
 * @param fecFlushMillis how long an open group may wait for its next packet, 1 to 100
 * @param bbrStartupGainPercent pacing gain of BBR's startup phase, 150 to 400; {@code "2.77"}
 * @param maxCwndPackets congestion window limit, 4 to 1,048,576 packets
 * @param logLevel level of the pods' logs
 */
public record Tuning(
    FecMode fecMode,
    int fecGroupSize,
    int fecRatioPercent,
    int fecFlushMillis,
    int bbrStartupGainPercent,
    int maxCwndPackets,
    LogLevel logLevel) {

  public static final Tuning DEFAULT =
      new Tuning(FecMode.ADAPTIVE, 10, 30, 4, 277, 65536, LogLevel.INFO);

  /** Bounds a decoder's memory: a group's sources are kept until it closes. */
  public static final int FEC_GROUP_SIZE_MAX = 64;

  /** More parity than data never pays; a lone packet's copies are Quantum's own decision. */
  public static final int FEC_RATIO_PERCENT_MAX = 100;

  public static final int FEC_FLUSH_MILLIS_MAX = 100;
  public static final int STARTUP_GAIN_PERCENT_MIN = 150;
  public static final int STARTUP_GAIN_PERCENT_MAX = 400;

  /** BBR's own floor: it cannot probe with fewer packets in flight. */
  public static final int CWND_PACKETS_MIN = 4;

  /** Bounds the sender's buffer: 1.2 GB in flight at 1,200 bytes a packet. */
  public static final int CWND_PACKETS_MAX = 1 << 20;

  private static final String FEC_MODE = EtcdKeys.CONFIG_QUANTUM + "fec-mode";
  private static final String FEC_RATIO = EtcdKeys.CONFIG_QUANTUM + "fec-ratio";
  private static final String FEC_GROUP_SIZE = EtcdKeys.CONFIG_QUANTUM + "fec-group-size";
  private static final String FEC_FLUSH = EtcdKeys.CONFIG_QUANTUM + "fec-flush-millis";
  private static final String STARTUP_GAIN = EtcdKeys.CONFIG_QUANTUM + "bbr-startup-gain";
  private static final String MAX_CWND = EtcdKeys.CONFIG_QUANTUM + "max-cwnd";

  /** The etcd keys and values of this tuning, in key order. */
  public SortedMap<String, String> entries() {
    SortedMap<String, String> entries = new TreeMap<>();
    entries.put(FEC_MODE, fecMode.wireName());
    entries.put(FEC_RATIO, percentAsDecimal(fecRatioPercent));
    entries.put(FEC_GROUP_SIZE, Integer.toString(fecGroupSize));
    entries.put(FEC_FLUSH, Integer.toString(fecFlushMillis));
    entries.put(STARTUP_GAIN, percentAsDecimal(bbrStartupGainPercent));
    entries.put(MAX_CWND, Integer.toString(maxCwndPackets));
    entries.put(EtcdKeys.CONFIG_LOGGING_LEVEL, logLevel.wireName());
    return entries;
  }

  /**
   * Reads a whole revision. Unknown keys are ignored, so that an older pod survives a newer
   * operator; a missing or invalid one refuses the revision.
   */
  public static Parsed parse(Map<String, String> entries) {
    Reader in = new Reader(entries);
    FecMode mode = in.read(FEC_MODE, value -> constant(FecMode.class, value), ok -> true, "");
    Integer ratio = in.percent(FEC_RATIO, 0, FEC_RATIO_PERCENT_MAX);
    Integer groupSize = in.integer(FEC_GROUP_SIZE, 1, FEC_GROUP_SIZE_MAX);
    Integer flush = in.integer(FEC_FLUSH, 1, FEC_FLUSH_MILLIS_MAX);
    Integer gain = in.percent(STARTUP_GAIN, STARTUP_GAIN_PERCENT_MIN, STARTUP_GAIN_PERCENT_MAX);
    Integer cwnd = in.integer(MAX_CWND, CWND_PACKETS_MIN, CWND_PACKETS_MAX);
    LogLevel level =
        in.read(
            EtcdKeys.CONFIG_LOGGING_LEVEL,
            value -> constant(LogLevel.class, value),
            ok -> true,
            "");
    if (!in.rejected.isEmpty()) {
      return new Parsed.Rejected(Map.copyOf(in.rejected));
    }
    return new Parsed.Valid(new Tuning(mode, groupSize, ratio, flush, gain, cwnd, level));
  }

  /** What became of a revision. */
  public sealed interface Parsed {
    /** Every key is present and valid. */
    record Valid(Tuning tuning) implements Parsed {}

    /** At least one is not; {@code reasons} maps its key to a sentence. */
    record Rejected(Map<String, String> reasons) implements Parsed {}
  }

  private static String percentAsDecimal(int percent) {
    return BigDecimal.valueOf(percent, 2).stripTrailingZeros().toPlainString();
  }

  private static <T extends Enum<T>> T constant(Class<T> type, String value) {
    return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
  }

  private static final class Reader {
    /** Caps what a rejected value can add to a status key. */
    private static final int VALUE_CHARS_MAX = 40;

    private final Map<String, String> entries;
    private final Map<String, String> rejected = new LinkedHashMap<>();

    Reader(Map<String, String> entries) {
      this.entries = entries;
    }

    Integer integer(String key, int min, int max) {
      return read(key, Integer::valueOf, v -> v >= min && v <= max, min + " to " + max);
    }

    Integer percent(String key, int min, int max) {
      return read(
          key,
          value -> new BigDecimal(value).movePointRight(2).intValueExact(),
          v -> v >= min && v <= max,
          percentAsDecimal(min) + " to " + percentAsDecimal(max));
    }

    <T> T read(String key, Function<String, T> parse, Predicate<T> inRange, String range) {
      String value = entries.get(key);
      if (value == null) {
        rejected.put(key, "missing");
        return null;
      }
      String shown =
          value.length() <= VALUE_CHARS_MAX ? value : value.substring(0, VALUE_CHARS_MAX) + "...";
      try {
        T parsed = parse.apply(value);
        if (inRange.test(parsed)) {
          return parsed;
        }
        rejected.put(key, "'" + shown + "' is outside " + range);
      } catch (IllegalArgumentException | ArithmeticException e) {
        rejected.put(key, "'" + shown + "' is not a valid value");
      }
      return null;
    }
  }
}
