package io.aetherflow.operator.monitoring;

import static io.aetherflow.operator.monitoring.Expressions.OF;
import static io.aetherflow.operator.monitoring.Expressions.RATE;
import static io.aetherflow.operator.monitoring.Expressions.quantile;
import static io.aetherflow.operator.monitoring.Expressions.rate;
import static io.aetherflow.operator.monitoring.Expressions.sum;
import static io.aetherflow.operator.monitoring.Expressions.total;
import static io.aetherflow.operator.monitoring.Panel.graph;
import static io.aetherflow.operator.monitoring.Panel.q;
import static io.aetherflow.operator.monitoring.Panel.row;
import static io.aetherflow.operator.monitoring.Panel.stat;

import java.util.List;
import java.util.Map;

/**
 * The dashboards of {@code grafana/}, by file name. Every query answers as soon as a cluster runs:
 * what has not happened yet is 0, not a gap.
 */
final class Dashboards {
  private Dashboards() {}

  static Map<String, String> all() {
    String ready = "aetherflow_cluster_ready";
    return Map.of(
        "quantum.json",
            DashboardJson.of("aetherflow-quantum", "AetherFlow / Quantum", ready, quantum()),
        "application.json",
            DashboardJson.of(
                "aetherflow-application", "AetherFlow / Application", ready, application()),
        "etcd.json",
            DashboardJson.of(
                "aetherflow-etcd", "AetherFlow / etcd", ready, InfrastructurePanels.etcd()),
        "operator.json",
            DashboardJson.of(
                "aetherflow-operator",
                "AetherFlow / Operator",
                ready,
                InfrastructurePanels.operator()));
  }

  private static List<Panel> quantum() {
    return List.of(
        row("Loss and repair"),
        graph(
            "Packets",
            "pps",
            "Quantum packets between the cluster's pods. A lost packet counts at its sender.",
            q("sent", total("quantum_packets_sent_total")),
            q("received", total("quantum_packets_received_total")),
            q("lost", total("quantum_packets_lost_total"))),
        graph(
            "Packet loss",
            "percentunit",
            "Share of the packets a component sends that are lost; the alert is at 5 %.",
            q(
                "{{component}}",
                rate("quantum_packets_lost_total")
                    + " / clamp_min("
                    + rate("quantum_packets_sent_total")
                    + ", 0.001)")),
        graph(
            "Repaired by parity",
            "pps",
            "Lost packets that the receiver rebuilt, which spares them a round trip.",
            q("{{component}}", rate("quantum_fec_recoveries_total"))),
        graph(
            "Sent again",
            "pps",
            "Packets that carry frames of an earlier one: after a loss, or as a probe.",
            q(
                "{{component}} {{kind}}",
                "sum by (component, kind) (rate(quantum_retransmissions_total{"
                    + OF
                    + "}"
                    + RATE
                    + "))")),
        graph(
            "Repair time",
            "s",
            "How late a rebuilt packet comes. The goal is 10 ms; 0 while nothing is repaired.",
            q("p99 {{component}}", quantile(0.99, "quantum_fec_recovery_seconds")),
            q("p50 {{component}}", quantile(0.5, "quantum_fec_recovery_seconds"))),
        graph(
            "Parity in effect",
            "percentunit",
            "Parity packets per packet under parity. spec.quantum.fec.ratioPercent caps it.",
            q(
                "{{component}}",
                rate("quantum_fec_repairs_sent_total")
                    + " / clamp_min("
                    + rate("quantum_fec_sources_sent_total")
                    + ", 0.001)")),
        row("Paths"),
        graph(
            "Round trip",
            "s",
            "The alert is at a P99 of 100 ms.",
            q("p99 {{component}}", quantile(0.99, "quantum_rtt_seconds")),
            q("p50 {{component}}", quantile(0.5, "quantum_rtt_seconds"))),
        graph(
            "Window and flight",
            "bytes",
            "Congestion windows, and what is sent and neither acknowledged nor lost.",
            q("window {{component}}", sum("quantum_cwnd_bytes")),
            q("in flight {{component}}", sum("quantum_inflight_bytes"))),
        graph(
            "Pacing",
            "Bps",
            "Rate at which the pods allow themselves to send.",
            q("{{component}}", sum("quantum_pacing_bytes_per_second"))),
        graph(
            "Congestion control",
            "short",
            "Connections by phase. Many in startup for long: something resets them.",
            q("{{phase}}", "sum by (phase) (quantum_bbr_connections{" + OF + "})")),
        graph(
            "Believed loss",
            "percentunit",
            "What the parity policy believes of the paths, the worst connection of a component.",
            q("{{component}}", "max by (component) (quantum_loss_ratio_max{" + OF + "})")),
        graph(
            "Largest datagram",
            "bytes",
            "Smallest path MTU of a component. 1200 means that no probe got through.",
            q("{{component}}", "min by (component) (quantum_mtu_bytes{" + OF + "})")),
        row("Connections"),
        graph(
            "Connections",
            "short",
            "Begun and not ended.",
            q("{{component}}", sum("quantum_connections"))),
        graph(
            "Ended",
            "cps",
            "Connections that end, by cause. reset: a peer came back and knows them no more.",
            q(
                "{{cause}}",
                "sum by (cause) (rate(quantum_connections_closed_total{" + OF + "}" + RATE + "))")),
        graph(
            "Datagrams not taken",
            "pps",
            "By reason. stranger: from a connection that is gone; tag: corrupted.",
            q(
                "{{reason}}",
                "sum by (reason) (rate(quantum_packets_dropped_total{" + OF + "}" + RATE + "))")),
        graph(
            "Buffers",
            "percentunit",
            "Share of what a pod may keep for its streams; at 1 it takes no more.",
            q(
                "{{pod}}",
                "quantum_buffers_bytes{" + OF + "} / quantum_buffers_limit_bytes{" + OF + "}")));
  }

  private static List<Panel> application() {
    return List.of(
        row("Service level: 99.9 % of the gateway's answers over 30 days"),
        stat(
            "Availability",
            "percentunit",
            "1 - aetherflow:gateway_errors:ratio_rate30d{" + OF + "}",
            "Answers of the last 30 days that are no fault of the server."),
        stat(
            "Error budget left",
            "percentunit",
            "aetherflow:gateway_error_budget:remaining_ratio{" + OF + "}",
            "Of one failure in a thousand over 30 days."),
        stat(
            "Failing now",
            "percentunit",
            "aetherflow:gateway_errors:ratio_rate5m{" + OF + "}",
            "Share of the last 5 minutes' answers."),
        stat(
            "Burn rate",
            "none",
            "aetherflow:gateway_errors:ratio_rate1h{" + OF + "} / 0.001",
            "At 1 the budget lasts the month; above 14.4 somebody is woken."),
        row("Requests"),
        graph(
            "Requests",
            "reqps",
            "Answered, by component.",
            q("{{component}}", rate("app_requests_total"))),
        graph(
            "Errors",
            "percentunit",
            "Share of requests that fail, errors of clients included; the alert is at 1 %.",
            q(
                "{{component}}",
                "("
                    + rate("app_errors_total")
                    + " or 0 * "
                    + rate("app_requests_total")
                    + ")"
                    + " / clamp_min("
                    + rate("app_requests_total")
                    + ", 0.001)")),
        graph(
            "Latency",
            "s",
            "The goal is a P99 of 50 ms from end to end.",
            q(
                "p99 {{component}}",
                "histogram_quantile(0.99, sum by (component, le) (rate("
                    + "app_request_duration_seconds_bucket{"
                    + OF
                    + "}"
                    + RATE
                    + "))) >= 0 or 0 * "
                    + sum("app_concurrent_operations"))),
        graph(
            "Gateway answers",
            "reqps",
            "By status.",
            q(
                "{{status}}",
                "sum by (status) (rate(app_requests_total{"
                    + OF
                    + ",component=\"api-gateway\"}"
                    + RATE
                    + "))")),
        row("Load"),
        graph(
            "Sessions",
            "short",
            "Active sessions by gateway.",
            q("{{pod}}", "app_active_sessions{" + OF + "}")),
        graph(
            "Operations under way",
            "short",
            "Calls being served.",
            q("{{component}}", sum("app_concurrent_operations"))),
        graph(
            "Socket messages",
            "short",
            "Messages of WebSocket clients, a second.",
            q(
                "{{pod}}",
                "sum by (pod) (rate(gateway_messages_total{"
                    + OF
                    + "}"
                    + RATE
                    + "))"
                    + " or 0 * sum by (pod) (app_active_sessions{"
                    + OF
                    + "})")),
        graph(
            "Statesync",
            "short",
            "Shards by owner, of 256 in all, and operations accepted and not yet durable.",
            q("shards of {{pod}}", "statesync_shards_owned{" + OF + "}"),
            q("waiting in {{pod}}", "statesync_operations_waiting{" + OF + "}")),
        row("Resources"),
        graph(
            "CPU",
            "percentunit",
            "Share of the machine's cores that the pod's process uses.",
            q("{{pod}}", "process_cpu_usage{" + OF + "}")),
        graph(
            "Heap",
            "bytes",
            "Used.",
            q("{{pod}}", "sum by (pod) (jvm_memory_used_bytes{" + OF + ",area=\"heap\"})")));
  }
}
