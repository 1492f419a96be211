/** Contracts that operator and data plane share: etcd keys, tuning, protobuf services. */
package io.aetherflow.api;
