package io.aetherflow.operator.etcd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * What the keeper of etcd's snapshots knows: the value of {@code EtcdKeys.STATUS_ETCD_BACKUP}.
 *
 * @param cluster whose snapshots they are; a restored store still has the report of its origin
 * @param lastSnapshot name of the newest verified one, or null
 * @param takenAt RFC 3339 time at which it was begun, or null
 * @param failures attempts that failed since the keeper's process started
 * @param problem why the last attempt failed, or null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BackupReport(
    String cluster,
    String lastSnapshot,
    String takenAt,
    long sizeBytes,
    int kept,
    long failures,
    String problem) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** When the newest verified snapshot was taken, if there is one. */
  public Optional<Instant> taken() {
    return Optional.ofNullable(takenAt).map(Instant::parse);
  }

  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings always prints", e);
    }
  }

  /** Nothing when the text is not such a report. */
  public static Optional<BackupReport> fromJson(String text) {
    try {
      BackupReport report = JSON.readValue(text, BackupReport.class);
      report.taken();
      return Optional.of(report);
    } catch (JsonProcessingException | DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
