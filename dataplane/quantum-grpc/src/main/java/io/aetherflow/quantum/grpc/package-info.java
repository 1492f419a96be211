/**
 * gRPC over Quantum: HTTP/2 on one Quantum stream per connection, so that every gRPC feature works,
 * its TLS among them.
 */
package io.aetherflow.quantum.grpc;
