package io.aetherflow.statesync.log;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;

/**
 * Keys of the log in etcd.
 *
 * <pre>
 * /owners/&lt;shard>                  who owns it; the mod revision is the epoch
 * /logs/ids/&lt;log>                  a log exists
 * /logs/entries/&lt;log>/&lt;entry>      what one append added
 * /logs/places/&lt;shard>/&lt;log>.&lt;n>   first entry of the log that the n-th claim of its process needs
 * /logs/places/&lt;shard>/trimmed     the last segment that was taken out
 * </pre>
 */
final class LogKeys {
  static final String IDS = EtcdKeys.LOGS + "ids/";
  static final String PLACES = EtcdKeys.LOGS + "places/";
  static final String TRIMMED = "trimmed";
  private static final String ENTRIES = EtcdKeys.LOGS + "entries/";
  private static final int KEY_HEX_DIGITS = 16;

  private LogKeys() {}

  static ByteSequence owner(int shard) {
    return Bytes.of(EtcdKeys.OWNERS + shard);
  }

  static ByteSequence lock() {
    return Bytes.of(EtcdKeys.LOCK_STATE_COMPACTION);
  }

  static ByteSequence id(String log) {
    return Bytes.of(IDS + log);
  }

  static ByteSequence entry(String log, long entry) {
    return Bytes.of(ENTRIES + log + "/" + "%016x".formatted(entry));
  }

  static ByteSequence entriesEnd(String log) {
    return Bytes.of(ENTRIES + log + "0");
  }

  static long entryNumber(ByteSequence key) {
    String text = Bytes.text(key);
    return Long.parseUnsignedLong(text.substring(text.length() - KEY_HEX_DIGITS), 16);
  }

  static ByteSequence places(int shard) {
    return Bytes.of(PLACES + shard + "/");
  }

  static ByteSequence piece(int shard, String log, long claim) {
    return Bytes.of(PLACES + shard + "/" + log + "." + claim);
  }

  static ByteSequence trimmed(int shard) {
    return Bytes.of(PLACES + shard + "/" + TRIMMED);
  }

  /** What follows the last slash. */
  static String leaf(ByteSequence key) {
    String text = Bytes.text(key);
    return text.substring(text.lastIndexOf('/') + 1);
  }
}
