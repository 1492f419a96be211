package io.aetherflow.operator.monitoring;

import static io.aetherflow.operator.monitoring.Expressions.OF;
import static io.aetherflow.operator.monitoring.Expressions.RATE;
import static io.aetherflow.operator.monitoring.Expressions.quantileByPod;
import static io.aetherflow.operator.monitoring.Panel.graph;
import static io.aetherflow.operator.monitoring.Panel.q;
import static io.aetherflow.operator.monitoring.Panel.row;
import static io.aetherflow.operator.monitoring.Panel.stat;

import java.util.List;

/** Panels of what a cluster stands on: etcd and the operator. */
final class InfrastructurePanels {
  private InfrastructurePanels() {}

  static List<Panel> etcd() {
    return List.of(
        stat(
            "Majority",
            "bool_yes_no",
            "etcd_cluster_health{" + OF + "}",
            "Whether the operator can read and write."),
        stat(
            "Members with a leader",
            "none",
            "sum(etcd_server_has_leader{" + OF + "})",
            "All of them should."),
        stat(
            "Leader changes",
            "none",
            "increase(etcd_leader_changes_total{" + OF + "}[1h])",
            "Within an hour, as the operator saw them."),
        stat(
            "Keys written",
            "wps",
            "sum(rate(etcd_mvcc_put_total{" + OF + "}" + RATE + "))",
            "Per second, counted at every member."),
        row("Disk"),
        graph(
            "fsync of the log",
            "s",
            "P99. Above 10 ms operations take longer; the alert is at 50 ms.",
            q("{{pod}}", quantileByPod("etcd_disk_wal_fsync_duration_seconds"))),
        graph(
            "Commit",
            "s",
            "P99 of a commit to the database.",
            q("{{pod}}", quantileByPod("etcd_disk_backend_commit_duration_seconds"))),
        graph(
            "Database",
            "bytes",
            "On disk, and in use. The difference is what a defragmentation gives back.",
            q("{{pod}}", "etcd_mvcc_db_total_size_in_bytes{" + OF + "}"),
            q("in use {{pod}}", "etcd_mvcc_db_total_size_in_use_in_bytes{" + OF + "}")),
        graph(
            "Quota used",
            "percentunit",
            "At 1 nothing can be written; the alert is at 80 %.",
            q(
                "{{pod}}",
                "etcd_mvcc_db_total_size_in_bytes{"
                    + OF
                    + "} / (etcd_server_quota_backend_bytes{"
                    + OF
                    + "} > 0)")),
        row("Agreement"),
        graph(
            "Proposals",
            "ops",
            "Committed by the cluster, as each member sees it.",
            q("{{pod}}", "rate(etcd_server_proposals_committed_total{" + OF + "}" + RATE + ")")),
        graph(
            "Proposals waiting and failed",
            "short",
            "Waiting for long: no majority, or a slow disk.",
            q("waiting {{pod}}", "etcd_server_proposals_pending{" + OF + "}"),
            q(
                "failed {{pod}}",
                "rate(etcd_server_proposals_failed_total{" + OF + "}" + RATE + ")")),
        graph(
            "Round trip between members",
            "s",
            "P99.",
            q("{{pod}}", quantileByPod("etcd_network_peer_round_trip_time_seconds"))),
        graph(
            "Traffic of clients",
            "Bps",
            "Received and sent.",
            q(
                "in {{pod}}",
                "rate(etcd_network_client_grpc_received_bytes_total{" + OF + "}" + RATE + ")"),
            q(
                "out {{pod}}",
                "rate(etcd_network_client_grpc_sent_bytes_total{" + OF + "}" + RATE + ")")),
        row("Processes"),
        graph(
            "Memory",
            "bytes",
            "Resident.",
            q("{{pod}}", "process_resident_memory_bytes{" + OF + ",component=\"etcd\"}")),
        graph(
            "Leader",
            "short",
            "1 at the member that leads.",
            q("{{pod}}", "etcd_server_is_leader{" + OF + "}")));
  }

  static List<Panel> operator() {
    String operator = "{job=\"aetherflow-operator\"}";
    return List.of(
        stat(
            "Ready",
            "bool_yes_no",
            "aetherflow_cluster_ready{" + OF + "}",
            "The condition Ready of the resource."),
        stat(
            "Pods with the current tuning",
            "percentunit",
            "aetherflow_tuning_pods_applied{"
                + OF
                + "} / clamp_min(aetherflow_tuning_pods{"
                + OF
                + "}, 1)",
            "Pods that have confirmed it, of those that live."),
        stat(
            "Pods not answering",
            "none",
            "count(up{" + OF + "} == 0) or vector(0)",
            "Pods whose metrics cannot be read."),
        stat(
            "Operators",
            "none",
            "sum(up" + operator + ")",
            "That answer. Clusters run on without one; nobody repairs them."),
        row("Cluster"),
        graph(
            "Tuning",
            "short",
            "After an edit the lines part for less than a second.",
            q("applied", "aetherflow_tuning_pods_applied{" + OF + "}"),
            q("live", "aetherflow_tuning_pods{" + OF + "}")),
        graph(
            "Restarts",
            "short",
            "Of containers within 15 minutes; the alert is at 3.",
            q(
                "{{component}}",
                "sum by (component) (increase(kubernetes_pod_restarts_total{" + OF + "}[15m]))")),
        row("Reconciliation"),
        graph(
            "Reconciliations",
            "ops",
            "A cluster at rest has none.",
            q("started", "sum(rate(operator_sdk_reconciliations_started_total[5m]))"),
            q("failed", "sum(rate(operator_sdk_reconciliations_failed_total[5m])) or vector(0)")),
        graph(
            "Duration",
            "s",
            "P99 of one reconciliation; 0 at rest.",
            q(
                "p99",
                "histogram_quantile(0.99, sum by (le) (rate("
                    + "operator_sdk_controllers_execution_reconcile_seconds_bucket[5m]))) >= 0"
                    + " or vector(0)")),
        graph(
            "Waiting",
            "short",
            "Resources that wait to be looked at.",
            q("waiting", "sum({__name__=~\"operator_sdk_reconciliations_queue_size_.*\"})")),
        graph(
            "Heap of the operator",
            "bytes",
            "Used.",
            q("used", "sum(jvm_memory_used_bytes{job=\"aetherflow-operator\",area=\"heap\"})")),
        row("Nodes"),
        graph(
            "CPU",
            "short",
            "Cores of each node.",
            q("{{node}}", "kubernetes_node_capacity{resource=\"cpu\"}")),
        graph(
            "Memory",
            "bytes",
            "Of each node.",
            q("{{node}}", "kubernetes_node_capacity{resource=\"memory\"}")));
  }
}
