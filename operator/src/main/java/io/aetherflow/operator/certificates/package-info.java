/**
 * The certificates of a cluster's own etcd: made here, renewed before they end. Pure: the clock and
 * the source of randomness are arguments, and no Kubernetes client is in sight.
 */
package io.aetherflow.operator.certificates;
