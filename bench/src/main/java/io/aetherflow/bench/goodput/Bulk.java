package io.aetherflow.bench.goodput;

import io.aetherflow.bench.lab.LinkReading;
import io.aetherflow.bench.lab.Site;
import io.aetherflow.bench.report.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Lets flows run side by side and reads them at the same moments. */
final class Bulk {
  private static final double MILLIS_PER_SECOND = 1e3;

  private Bulk() {}

  /** Measures all flows for {@code seconds} after {@code warmup}; the link's reading is ended. */
  static LinkReading run(List<Flow> flows, double warmup, double seconds, Site site)
      throws InterruptedException {
    sleep(warmup);
    LinkReading link = LinkReading.begin(site);
    for (Flow flow : flows) {
      flow.begin();
    }
    sleep(seconds);
    for (Flow flow : flows) {
      flow.end();
    }
    link.end();
    return link;
  }

  private static void sleep(double seconds) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep((long) (seconds * MILLIS_PER_SECOND));
  }

  /** Goodput and CPU of a flow, and the link's numbers. */
  static List<Row> rows(Flow flow, LinkReading link, Map<String, Object> params) {
    List<Row> rows = new ArrayList<>();
    String name = flow.subject().name();
    rows.add(new Row(name, params, "goodput", "Mbit/s", flow.megabitsPerSecond()));
    rows.add(new Row(name, params, "cpu", "s/GB", flow.cpuSecondsPerGigabyte()));
    for (Row row : link.rows(0)) {
      rows.add(new Row(name, params, row.metric(), row.unit(), row.value()));
    }
    return rows;
  }
}
