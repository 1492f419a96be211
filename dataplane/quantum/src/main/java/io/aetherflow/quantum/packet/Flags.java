package io.aetherflow.quantum.packet;

/** Bits of the header's flags byte. All eight are assigned. */
public final class Flags {
  /** The sender has finished; counts only inside an opened (protected) packet. */
  public static final int FIN = 0x01;

  /** Opens a connection. */
  public static final int SYN = 0x02;

  /** The sender does not know this connection. */
  public static final int RST = 0x04;

  /** Acknowledge at once, without the ack delay. */
  public static final int PSH = 0x08;

  /** The ack field and the SACK blocks mean something. Without it both must be empty. */
  public static final int ACK = 0x10;

  /** Reserved for phase 2: which of two keys sealed the packet. Must be 0 in version 1. */
  public static final int KEY_PHASE = 0x20;

  /** A server under pressure asks for the SYN again, with the token it encloses. */
  public static final int RETRY = 0x40;

  /** Answers a SYN of an unknown version; the payload lists the versions that are spoken. */
  public static final int VERSION = 0x80;

  private Flags() {}

  /** Readable form for traces, for example {@code SYN|ACK}. */
  public static String describe(int flags) {
    String[] names = {"FIN", "SYN", "RST", "PSH", "ACK", "KEY_PHASE", "RETRY", "VERSION"};
    StringBuilder text = new StringBuilder();
    for (int bit = 0; bit < names.length; bit++) {
      if ((flags & 1 << bit) != 0) {
        text.append(text.isEmpty() ? "" : "|").append(names[bit]);
      }
    }
    return text.isEmpty() ? "-" : text.toString();
  }
}
