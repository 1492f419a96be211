/** Congestion control: {@code docs/quantum-protocol.md} and DESIGN name the algorithm. */
package io.aetherflow.quantum.congestion;
