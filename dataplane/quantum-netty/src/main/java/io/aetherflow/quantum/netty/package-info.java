/**
 * Sockets and Netty channels for Quantum. Empty so far: only the protocol's codecs and its forward
 * error correction exist, in {@code dataplane/quantum}.
 */
package io.aetherflow.quantum.netty;
