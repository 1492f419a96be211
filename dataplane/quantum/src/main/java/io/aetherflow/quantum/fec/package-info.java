/**
 * Systematic Reed-Solomon coding over GF(2^8), polynomial 0x11D, with JavaReedSolomon's matrix, so
 * that parity equals its output byte for byte: {@code docs/quantum-protocol.md} section 5. A group
 * with fewer sources than the matrix has columns counts as filled up with zero shards.
 */
package io.aetherflow.quantum.fec;
