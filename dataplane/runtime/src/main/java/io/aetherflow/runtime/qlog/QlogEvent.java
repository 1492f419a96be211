package io.aetherflow.runtime.qlog;

import io.aetherflow.quantum.connection.CloseReason;
import io.aetherflow.quantum.connection.DropReason;
import java.util.Locale;

/**
 * The events of a trace: their names, after draft-ietf-quic-qlog-quic-events where it has such an
 * event, and what their rows mean. Times in the text are milliseconds.
 */
enum QlogEvent {
  /** Number, bytes, whether in flight. */
  PACKET_SENT("transport:packet_sent") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      packet(json, row, at);
      json.put("in_flight", row[at + 2] == 1);
    }
  },
  /** Number, bytes. */
  PACKET_RECEIVED("transport:packet_received") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      packet(json, row, at);
    }
  },
  /** Bytes; a {@link DropReason}. */
  PACKET_DROPPED("transport:packet_dropped") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.open("raw").put("length", row[at]).close();
      json.put("trigger", lower((DropReason) object));
    }
  },
  /** Number. */
  PACKETS_ACKED("transport:packets_acked") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.putOne("packet_numbers", row[at]);
    }
  },
  /** Number, bytes. */
  PACKET_LOST("recovery:packet_lost") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      packet(json, row, at);
    }
  },
  /** Smoothed, latest, least RTT and variance in ns; window, in flight; bytes/s; loss in ppm. */
  METRICS_UPDATED("recovery:metrics_updated") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.putMillis("smoothed_rtt", row[at])
          .putMillis("latest_rtt", row[at + 1])
          .putMillis("min_rtt", row[at + 2])
          .putMillis("rtt_variance", row[at + 3])
          .put("congestion_window", row[at + 4])
          .put("bytes_in_flight", row[at + 5])
          .put("pacing_rate", row[at + 6] * Byte.SIZE)
          .putMillionths("loss_ratio", row[at + 7]);
    }
  },
  /** The new phase. */
  CONGESTION_STATE_UPDATED("recovery:congestion_state_updated") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("new", (String) object);
    }
  },
  /** How long the handshake took, in ns. */
  ESTABLISHED("connectivity:connection_state_updated") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("new", "handshake_complete").putMillis("handshake", row[at]);
    }
  },
  /** A {@link CloseReason}. */
  CLOSED("connectivity:connection_closed") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      CloseReason reason = (CloseReason) object;
      json.put("owner", reason.cause() == CloseReason.Cause.PEER ? "remote" : "local")
          .put("trigger", lower(reason.cause()))
          .put("connection_code", reason.errorCode())
          .put("reason", reason.text());
    }
  },
  /** Bytes. */
  MTU_UPDATED("connectivity:mtu_updated") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("new", row[at]);
    }
  },
  /** The peer's new address. */
  PATH_CHANGED("quantum:path_changed") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("new", object.toString());
    }
  },
  /** Number. */
  SPURIOUS_LOSS("quantum:spurious_loss") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("packet_number", row[at]);
    }
  },
  /** Number, whether as a probe. */
  RETRANSMISSION("quantum:retransmission") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("packet_number", row[at]).put("kind", row[at + 1] == 1 ? "probe" : "fast");
    }
  },
  /** Number, group. */
  FEC_SOURCE_SENT("quantum:fec_source_sent") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("packet_number", row[at]).put("group", row[at + 1]);
    }
  },
  /** Number, sources of its group. */
  FEC_REPAIR_SENT("quantum:fec_repair_sent") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("packet_number", row[at]).put("sources", row[at + 1]);
    }
  },
  /** Number, ns since its nominal arrival. */
  FEC_RECOVERED("quantum:fec_recovered") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("packet_number", row[at]).putMillis("late", row[at + 1]);
    }
  },
  /** Number, whether it had been declared lost. */
  FEC_PEER_RECOVERED("quantum:fec_peer_recovered") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("packet_number", row[at]).put("was_lost", row[at + 1] == 1);
    }
  },
  /** Events that were not written since the last line of this kind. */
  EVENTS_DROPPED("quantum:events_dropped") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("count", row[at]);
    }
  },
  /** The file has its full size; nothing more follows. */
  TRUNCATED("quantum:truncated") {
    @Override
    void data(JsonLine json, long[] row, int at, Object object) {
      json.put("file_bytes_max", row[at]);
    }
  };

  static final QlogEvent[] ALL = values();

  final String text;

  QlogEvent(String text) {
    this.text = text;
  }

  abstract void data(JsonLine json, long[] row, int at, Object object);

  private static void packet(JsonLine json, long[] row, int at) {
    json.open("header").put("packet_number", row[at]).close();
    json.open("raw").put("length", row[at + 1]).close();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
