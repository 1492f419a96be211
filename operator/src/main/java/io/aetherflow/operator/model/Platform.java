package io.aetherflow.operator.model;

/**
 * What the place the operator runs in is like, as far as a cluster's objects depend on it.
 *
 * @param listen how pods listen
 * @param operatorNamespace where the operator's own pod and Service are
 * @param prometheusOperator whether the API of ServiceMonitor and PrometheusRule is served
 */
public record Platform(Listen listen, String operatorNamespace, boolean prometheusOperator) {}
