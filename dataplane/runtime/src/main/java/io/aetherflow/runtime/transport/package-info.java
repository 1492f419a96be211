/** The one place that builds gRPC channels and servers. */
package io.aetherflow.runtime.transport;
