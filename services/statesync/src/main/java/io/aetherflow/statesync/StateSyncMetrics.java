package io.aetherflow.statesync;

import io.aetherflow.statesync.document.Admission;
import io.aetherflow.statesync.document.FoldedMemory;
import io.aetherflow.statesync.document.ShardContext;
import io.aetherflow.statesync.document.Totals;
import io.aetherflow.statesync.shard.ShardHost;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** The instance's own meters; docs/metrics.md lists them. */
final class StateSyncMetrics {
  private final MeterRegistry meters;

  StateSyncMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  void observe(ShardHost host, ShardContext context) {
    Totals totals = context.totals();
    counter("app.operations", totals, Totals::operations);
    counter("app.operation.bytes", totals, Totals::operationBytes);
    meters.gauge("app.documents", totals, Totals::documents);
    meters.gauge("app.subscriptions", totals, Totals::subscriptions);
    meters.gauge("statesync.shards.owned", host, ShardHost::owned);
    meters.gauge("statesync.operations.waiting", context.admission(), Admission::operations);
    meters.gauge("statesync.hot.bytes", context.admission(), Admission::hotBytes);
    meters.gauge("statesync.folded.bytes", context.folded(), FoldedMemory::bytes);
  }

  private void counter(String name, Totals totals, ToDoubleFunction<Totals> value) {
    FunctionCounter.builder(name, totals, value).register(meters);
  }
}
