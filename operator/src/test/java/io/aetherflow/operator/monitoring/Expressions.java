package io.aetherflow.operator.monitoring;

/** Parts of the dashboards' expressions. */
final class Expressions {
  /** Labels of the chosen cluster; braces and other labels are put around. */
  static final String OF = "namespace=\"$namespace\",aetherflow_cluster=\"$cluster\"";

  static final String RATE = "[$__rate_interval]";

  private Expressions() {}

  static String total(String counter) {
    return "sum(rate(" + counter + "{" + OF + "}" + RATE + "))";
  }

  static String rate(String counter) {
    return "sum by (component) (rate(" + counter + "{" + OF + "}" + RATE + "))";
  }

  static String sum(String gauge) {
    return "sum by (component) (" + gauge + "{" + OF + "})";
  }

  static String quantile(double share, String histogram) {
    return "histogram_quantile("
        + share
        + ", sum by (component, le) (rate("
        + histogram
        + "_bucket{"
        + OF
        + "}"
        + RATE
        + "))) >= 0 or 0 * "
        + sum("quantum_connections");
  }

  static String quantileByPod(String histogram) {
    return "histogram_quantile(0.99, sum by (pod, le) (rate("
        + histogram
        + "_bucket{"
        + OF
        + "}"
        + "[5m]))) >= 0 or 0 * sum by (pod) (etcd_server_has_leader{"
        + OF
        + "})";
  }
}
