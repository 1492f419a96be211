/**
 * Which packets arrived and how long the path takes: {@code docs/quantum-protocol.md} section 3.
 * Pure state: times and numbers go in, answers come out.
 */
package io.aetherflow.quantum.recovery;
