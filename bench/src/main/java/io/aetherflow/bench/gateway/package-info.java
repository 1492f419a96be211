/**
 * WebSocket to WebSocket: a gateway with real session, statesync and etcd processes behind it, and
 * clients in a process of their own.
 */
package io.aetherflow.bench.gateway;
