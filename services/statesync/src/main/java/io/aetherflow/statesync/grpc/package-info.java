/** The gRPC services. */
package io.aetherflow.statesync.grpc;
