/**
 * One datagram: the 32-byte header, SACK blocks, packet numbers and the protection that stands on
 * every packet. {@code docs/quantum-protocol.md} sections 2 and 3.
 */
package io.aetherflow.quantum.packet;
