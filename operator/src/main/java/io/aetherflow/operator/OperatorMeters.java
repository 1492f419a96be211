package io.aetherflow.operator;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.Map;
import java.util.Optional;

/** Gives the framework's meters, which have none, the sentence that {@code # HELP} shows. */
final class OperatorMeters implements MeterFilter {
  /** By the beginning of the name; some end in the controller's. */
  private static final Map<String, String> HELP =
      Map.of(
          "operator.sdk.events.received", "Events that may start a reconciliation",
          "operator.sdk.events.delete", "Deletions seen",
          "operator.sdk.reconciliations.started", "Reconciliations begun",
          "operator.sdk.reconciliations.success", "Reconciliations that ended well",
          "operator.sdk.reconciliations.failed", "Reconciliations that ended with an exception",
          "operator.sdk.reconciliations.executions", "Reconciliations under way",
          "operator.sdk.reconciliations.queue", "Resources that wait for a reconciliation",
          "operator.sdk.controllers.execution", "What controllers did, and how long it took",
          "operator.sdk.", "Of the operator framework");

  @Override
  public Meter.Id map(Meter.Id id) {
    if (id.getDescription() != null) {
      return id;
    }
    Optional<String> help =
        HELP.entrySet().stream()
            .filter(entry -> id.getName().startsWith(entry.getKey()))
            .max((a, b) -> Integer.compare(a.getKey().length(), b.getKey().length()))
            .map(Map.Entry::getValue);
    return help.map(text ->
            new Meter.Id(id.getName(), Tags.of(id.getTags()), id.getBaseUnit(), text, id.getType()))
        .orElse(id);
  }
}
