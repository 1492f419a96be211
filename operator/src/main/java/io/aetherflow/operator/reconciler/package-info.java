/** Brings the Kubernetes cluster to the desired state and tells in the status how far it is. */
package io.aetherflow.operator.reconciler;
