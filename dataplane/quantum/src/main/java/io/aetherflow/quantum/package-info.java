/**
 * The Quantum protocol without any I/O: bytes and times go in, bytes and deadlines come out.
 *
 * <p>Normative text: {@code docs/quantum-protocol.md}. This module knows the JDK only, no socket,
 * no thread and no clock; a test keeps it so. Times are {@code long} nanoseconds that the caller
 * counts from an origin of its own, randomness is a generator that the caller seeds.
 *
 * <p><b>Buffers are {@code byte[]} with an offset and a length.</b> The reasons: the JDK's AES-GCM
 * copies direct buffers through small arrays, the Vector API and CRC32C read heap arrays at full
 * speed, and an array has no position that two readers could fight over. A socket layer copies a
 * datagram once between its native buffer and an array it keeps; nothing in here allocates per
 * packet. Readers are reused objects with getters (flyweights), writers are cursors, and records
 * exist beside them for tests, traces and everything that is not per packet.
 *
 * <p><b>Threads:</b> no class here locks. One connection belongs to one thread at a time. Immutable
 * values may be shared.
 *
 * <p><b>Errors:</b> what a peer sent is answered with a refusal value, never an exception; an
 * exception means that our own caller broke a promise.
 */
package io.aetherflow.quantum;
