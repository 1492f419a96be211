/**
 * The keeper of etcd's snapshots: a program of its own in the operator's image, beside the volume
 * that it fills. Knows nothing of Kubernetes.
 */
package io.aetherflow.operator.backup;
