/**
 * Durable operations per second of one statesync instance, with etcd's own put rate beside them.
 */
package io.aetherflow.bench.statesync;
