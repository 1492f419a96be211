/**
 * Durable operations per second of one statesync instance, with etcd's own put rate beside them;
 * and the load alone, for training.
 */
package io.aetherflow.bench.statesync;
