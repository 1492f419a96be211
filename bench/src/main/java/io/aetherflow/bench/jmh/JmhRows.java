package io.aetherflow.bench.jmh;

import io.aetherflow.bench.fec.FecBenchmark;
import io.aetherflow.bench.report.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** JMH's results as rows of a report. Stateless. */
final class JmhRows {
  private static final String ALLOCATED = "gc.alloc.rate.norm";

  private JmhRows() {}

  static List<Row> of(Collection<RunResult> results) {
    List<Row> rows = new ArrayList<>();
    results.forEach(result -> add(result, rows));
    return rows;
  }

  private static void add(RunResult result, List<Row> rows) {
    Map<String, Object> params = params(result.getParams());
    Result<?> time = result.getPrimaryResult();
    rows.add(new Row("quantum", params, "time", time.getScoreUnit(), time.getScore()));
    double error = Double.isNaN(time.getScoreError()) ? 0 : time.getScoreError();
    rows.add(new Row("quantum", params, "error", time.getScoreUnit(), error));
    if (result.getParams().getBenchmark().startsWith(FecBenchmark.class.getName())) {
      rows.add(new Row("quantum", params, "rate", "GB/s", FecBenchmark.BYTES / time.getScore()));
    }
    Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
    if (allocated != null) {
      rows.add(new Row("quantum", params, "allocated", "B/op", allocated.getScore()));
    }
  }

  private static Map<String, Object> params(BenchmarkParams of) {
    Map<String, Object> params = new LinkedHashMap<>();
    String[] names = of.getBenchmark().split("\\.");
    params.put("benchmark", names[names.length - 1]);
    for (String key : of.getParamsKeys()) {
      params.put(key, of.getParam(key).toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return params;
  }
}
