package io.aetherflow.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;

/**
 * A pod's confirmation of the tuning it runs: the value of its {@link EtcdKeys#appliedTuning} key.
 *
 * <p>Leased keys outlive a killed pod by up to 30 s, so the pod's UID and process start tell a
 * living confirmation from a dead one.
 *
 * @param revision mod revision of the applied {@code /config} keys; 0 before the first
 * @param appliedAt RFC 3339 time of applying
 * @param rejected keys of a newer revision that was refused as a whole, with the reason
 * @param podUid UID of the pod, from the downward API
 * @param startedAt RFC 3339 time at which the process started
 * @param etcdTrust {@link EtcdTrust#id} of the authorities by which the pod checks etcd now; empty
 *     without TLS, and of pods that do not tell
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record AppliedTuning(
    long revision,
    String appliedAt,
    Map<String, String> rejected,
    String podUid,
    String startedAt,
    String etcdTrust) {

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  public AppliedTuning {
    rejected = rejected == null ? Map.of() : Map.copyOf(rejected);
    etcdTrust = etcdTrust == null ? "" : etcdTrust;
  }

  /** Of a pod that tells nothing of etcd's authorities. */
  public AppliedTuning(
      long revision,
      String appliedAt,
      Map<String, String> rejected,
      String podUid,
      String startedAt) {
    this(revision, appliedAt, rejected, podUid, startedAt, "");
  }

  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record of strings always prints", e);
    }
  }

  /**
   * @throws IllegalArgumentException when the text is not such a record
   */
  public static AppliedTuning fromJson(String text) {
    try {
      return JSON.readValue(text, AppliedTuning.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not an applied-tuning record: " + e.getOriginalMessage());
    }
  }
}
