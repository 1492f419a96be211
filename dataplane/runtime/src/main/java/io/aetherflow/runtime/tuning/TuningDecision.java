package io.aetherflow.runtime.tuning;

import io.aetherflow.api.Tuning;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the keys under {@code /config} ask of a pod. Pure. */
sealed interface TuningDecision {
  /** A whole, valid revision. */
  record Apply(long revision, Tuning tuning) implements TuningDecision {}

  /** A whole revision with at least one unusable value: none of it is applied. */
  record Refuse(long revision, Map<String, String> reasons) implements TuningDecision {}

  /** Not a whole revision: keys are missing or were written at different revisions. */
  record Wait() implements TuningDecision {}

  static TuningDecision of(Map<String, Versioned> entries) {
    Set<String> keys = Tuning.DEFAULT.entries().keySet();
    Map<String, String> values = new HashMap<>();
    for (String key : keys) {
      if (!entries.containsKey(key)) {
        return new Wait();
      }
      values.put(key, entries.get(key).value());
    }
    Set<Long> revisions =
        keys.stream().map(key -> entries.get(key).modRevision()).collect(Collectors.toSet());
    if (revisions.size() != 1) {
      return new Wait();
    }
    long revision = revisions.iterator().next();
    return switch (Tuning.parse(values)) {
      case Tuning.Parsed.Valid valid -> new Apply(revision, valid.tuning());
      case Tuning.Parsed.Rejected rejected -> new Refuse(revision, rejected.reasons());
    };
  }
}
