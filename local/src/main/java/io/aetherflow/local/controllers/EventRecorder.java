package io.aetherflow.local.controllers;

import io.aetherflow.local.store.ApiException;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Writes the Events that {@code kubectl describe} shows. Failures are only logged. */
final class EventRecorder {
  private final Api api;
  private final Clock clock;
  private long sequence;

  EventRecorder(Api api, Clock clock) {
    this.api = api;
    this.clock = clock;
  }

  void normal(HasMetadata about, String reason, String message) {
    record("Normal", about, reason, message);
  }

  void warning(HasMetadata about, String reason, String message) {
    record("Warning", about, reason, message);
  }

  private void record(String type, HasMetadata about, String reason, String message) {
    try {
      api.create(event(type, about, reason, message));
    } catch (ApiException e) {
      System.getLogger(EventRecorder.class.getName())
          .log(System.Logger.Level.DEBUG, "event " + reason, e);
    }
  }

  private Event event(String type, HasMetadata about, String reason, String message) {
    Instant now = clock.instant();
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    long unique = now.getEpochSecond() * 1_000_000_000L + now.getNano() + sequence++;
    String component = reason.endsWith("Scheduling") ? "default-scheduler" : "controllers";
    String namespace = about.getMetadata().getNamespace();
    return new EventBuilder()
        .withNewMetadata()
        .withName(about.getMetadata().getName() + "." + Long.toHexString(unique))
        .withNamespace(namespace == null ? "default" : namespace)
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(about.getApiVersion())
        .withKind(about.getKind())
        .withName(about.getMetadata().getName())
        .withNamespace(namespace)
        .withUid(about.getMetadata().getUid())
        .withResourceVersion(about.getMetadata().getResourceVersion())
        .endInvolvedObject()
        .withType(type)
        .withReason(reason)
        .withMessage(message)
        .withCount(1)
        .withFirstTimestamp(time)
        .withLastTimestamp(time)
        .withNewSource()
        .withComponent(component)
        .endSource()
        .withReportingComponent(component)
        .build();
  }
}
