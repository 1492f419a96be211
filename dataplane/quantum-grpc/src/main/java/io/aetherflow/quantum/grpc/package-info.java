/**
 * gRPC channels and servers over Quantum. Empty so far: gRPC runs over TCP until {@code
 * dataplane/quantum-netty} has an endpoint.
 */
package io.aetherflow.quantum.grpc;
