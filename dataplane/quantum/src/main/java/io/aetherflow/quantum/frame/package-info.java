/**
 * Frames, the content of a packet's payload: {@code docs/quantum-protocol.md} section 4. {@link
 * io.aetherflow.quantum.frame.FrameReader} calls a {@link io.aetherflow.quantum.frame.FrameHandler}
 * and {@link io.aetherflow.quantum.frame.FrameWriter} is a cursor; neither allocates. {@link
 * io.aetherflow.quantum.frame.Frame} is the same as values, for tests, traces and control paths.
 */
package io.aetherflow.quantum.frame;
