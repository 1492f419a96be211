/**
 * Contracts that operator and data plane share: etcd keys, tuning, protobuf services, and what both
 * must judge alike.
 */
package io.aetherflow.api;
