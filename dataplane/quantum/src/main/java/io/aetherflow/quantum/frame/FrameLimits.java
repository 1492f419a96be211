package io.aetherflow.quantum.frame;

/** Bounds on what one frame may claim. A frame beyond them is refused as a whole. */
public final class FrameLimits {
  /** Caps the ranges of ACK_EXT and RECOVERED, against one packet causing unbounded scans. */
  public static final int RANGES_MAX = 64;

  /** Caps what a server may ask a client to store for its next connection. */
  public static final int TOKEN_BYTES_MAX = 128;

  /** Caps the text that a closing peer can put into our logs. */
  public static final int REASON_BYTES_MAX = 256;

  /** Widest FEC group: caps the decoding work and the sources kept per group. */
  public static final int FEC_SOURCES_MAX = 64;

  /** Most parity symbols per group, for the same reason. */
  public static final int FEC_REPAIRS_MAX = 32;

  /** Parity covers at least number and length of a source packet. */
  public static final int PARITY_BYTES_MIN = 6;

  /** Every path carries datagrams of this length; a SYN has it. */
  public static final int DATAGRAM_BYTES_MIN = 1200;

  /** Caps the acknowledgement delay that a peer can make our loss timers wait for. */
  public static final int ACK_DELAY_MICROS_MAX = 1 << 18;

  private FrameLimits() {}
}
