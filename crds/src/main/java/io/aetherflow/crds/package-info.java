/**
 * The {@code AetherFlowCluster} resource. {@code config/crd} is generated from these types; a test
 * keeps the two equal.
 */
package io.aetherflow.crds;
