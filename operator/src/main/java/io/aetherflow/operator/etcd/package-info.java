/**
 * What the operator has to do with a cluster's etcd: publish tuning, read confirmations, ask the
 * members how they are. Knows nothing of Kubernetes.
 */
package io.aetherflow.operator.etcd;
