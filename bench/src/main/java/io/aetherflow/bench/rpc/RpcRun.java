package io.aetherflow.bench.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import io.aetherflow.bench.child.Certificate;
import io.aetherflow.bench.child.Child;
import io.aetherflow.bench.lab.LinkReading;
import io.aetherflow.bench.lab.Site;
import io.aetherflow.bench.options.Subject;
import io.aetherflow.bench.report.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One subject, measured once. */
final class RpcRun {
  private static final Duration START = Duration.ofSeconds(45);
  private static final Duration END_SLACK = Duration.ofSeconds(40);

  private final Subject subject;
  private final RpcOptions options;
  private final Site site;
  private final long seed;

  RpcRun(Subject subject, RpcOptions options, Site site, long seed) {
    this.subject = subject;
    this.options = options;
    this.site = site;
    this.seed = seed;
  }

  /**
   * @param params what all rows say besides the subject's own
   */
  List<Row> measure(Map<String, Object> params) throws InterruptedException {
    site.prepare(subject.congestion());
    try (Certificate certificate = Certificate.make();
        Child server =
            Child.start(
                subject.label() + " server",
                site.onServer(),
                RpcServer.class,
                config(certificate))) {
      int port = server.await("ready", START).get("port").asInt();
      Map<String, Object> config = config(certificate);
      config.put("port", port);
      config.put("seed", seed);
      config.putAll(options.config());
      try (Child client =
          Child.start(subject.label() + " client", site.onClient(), RpcClient.class, config)) {
        client.await("ready", START);
        client.send("run");
        JsonNode before =
            client.await("measuring", END_SLACK.plusMillis((long) (options.warmupSeconds() * 1e3)));
        LinkReading link = LinkReading.begin(site);
        JsonNode serverBefore = server.counters();
        JsonNode result =
            client.await("result", END_SLACK.plusMillis((long) (options.seconds() * 1e3)));
        link.end();
        JsonNode serverAfter = server.counters();
        Rows rows = new Rows(params);
        rows.latencies(result);
        rows.packets("client", before, result);
        rows.packets("server", serverBefore, serverAfter);
        rows.link(link, result.get("calls").asLong());
        return rows.rows;
      }
    }
  }

  private Map<String, Object> config(Certificate certificate) {
    Map<String, Object> config = new LinkedHashMap<>(subject.config());
    config.put("address", site.serverAddress());
    config.putAll(certificate.config());
    return config;
  }

  private final class Rows {
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, Object> params = new LinkedHashMap<>(subject.params());

    Rows(Map<String, Object> shared) {
      params.putAll(shared);
    }

    private void add(String metric, String unit, double value) {
      rows.add(new Row(subject.name(), params, metric, unit, value));
    }

    void latencies(JsonNode result) {
      result
          .get("latencyMillis")
          .properties()
          .forEach(each -> add(each.getKey(), "ms", each.getValue().asDouble()));
      if (result.has("ops")) {
        add("ops", "1/s", result.get("ops").asDouble());
      }
      add("calls", "", result.get("calls").asDouble());
      add("failed", "", result.get("failed").asDouble());
      if (!result.get("error").asText().isEmpty()) {
        System.err.println(
            "bench: " + subject.label() + ", first failed call: " + result.get("error").asText());
      }
    }

    /** Loss and repair as Quantum counted them; CPU of every subject. */
    void packets(String side, JsonNode before, JsonNode after) {
      double cpuNs = after.get("cpuNs").asDouble() - before.get("cpuNs").asDouble();
      double tookNs = after.get("nanos").asDouble() - before.get("nanos").asDouble();
      add(side + "-cpu", "%", 100 * cpuNs / tookNs);
      if (!subject.name().equals("quantum")) {
        return;
      }
      for (String count :
          List.of("sent", "lost", "spurious", "recovered", "retransmissions", "repairs")) {
        add(
            side + "-" + count,
            "packets",
            after.get(count).asDouble() - before.get(count).asDouble());
      }
    }

    void link(LinkReading link, long calls) {
      link.rows(calls).forEach(row -> add(row.metric(), row.unit(), row.value()));
    }
  }
}
