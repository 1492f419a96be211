package io.aetherflow.quantum.netty;

import io.aetherflow.quantum.PeerAddress;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Set;

/**
 * Reads datagrams by {@code recvmmsg}, those that UDP_GRO has merged in one piece and with the size
 * to cut them by. Netty would make an object for each datagram that it cuts; this allocates nothing
 * but addresses that it has not seen lately. One per event loop; for its thread alone.
 *
 * <p>The structures are those of 64-bit Linux, see {@code recvmmsg(2)}, {@code udp(7)} and {@code
 * cmsg(3)}.
 */
final class MergedReceiver {
  /** Merged datagrams per system call. */
  static final int MESSAGES = 4;

  /** Room for what UDP_GRO merges, which is less than an IP packet. */
  static final int MESSAGE_BYTES = 64 * 1024;

  /**
   * Senders remembered, so that a server with many clients does not make an object per datagram.
   */
  private static final int SENDERS = 256;

  private static final int MSGHDR_BYTES = 56;
  private static final int MMSGHDR_BYTES = 64;
  private static final int IOVEC_BYTES = 16;
  private static final int NAME_BYTES = 28;
  private static final int NAME_ROOM = 32;
  private static final int CONTROL_ROOM = 64;
  private static final int CMSG_HEADER_BYTES = 16;
  private static final int SOL_UDP = 17;
  private static final int UDP_GRO = 104;
  private static final int AF_INET = 2;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_DONTWAIT = 0x40;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfShort PORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt ADDRESS4 = INT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong ADDRESS6 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(MergedReceiver.class);
  private static final MethodHandle RECVMMSG = recvmmsg();
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final FastThreadLocal<MergedReceiver> OF_THREAD =
      new FastThreadLocal<>() {
        @Override
        protected MergedReceiver initialValue() {
          return new MergedReceiver();
        }
      };

  // Freed by the collector, since sockets may outlive the order in which loops and sockets end.
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
  private final MemorySegment headers = arena.allocate((long) MESSAGES * MMSGHDR_BYTES, 8);
  private final MemorySegment vectors = arena.allocate((long) MESSAGES * IOVEC_BYTES, 8);
  private final MemorySegment names = arena.allocate((long) MESSAGES * NAME_ROOM, 8);
  private final MemorySegment controls = arena.allocate((long) MESSAGES * CONTROL_ROOM, 8);
  private final MemorySegment content = arena.allocate((long) MESSAGES * MESSAGE_BYTES, 8);
  private final PeerAddress[] senders = new PeerAddress[SENDERS];

  private MergedReceiver() {
    for (int i = 0; i < MESSAGES; i++) {
      long header = header(i);
      long vector = (long) i * IOVEC_BYTES;
      vectors.set(LONG, vector, content.address() + (long) i * MESSAGE_BYTES);
      vectors.set(LONG, vector + 8, MESSAGE_BYTES);
      headers.set(LONG, header, names.address() + (long) i * NAME_ROOM);
      headers.set(LONG, header + 16, vectors.address() + vector);
      headers.set(LONG, header + 24, 1);
      headers.set(LONG, header + 32, controls.address() + (long) i * CONTROL_ROOM);
    }
  }

  private static MethodHandle recvmmsg() {
    boolean linux = System.getProperty("os.name").equals("Linux");
    String cpu = System.getProperty("os.arch");
    if (!linux || !Set.of("amd64", "aarch64").contains(cpu)) {
      return null;
    }
    try {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow("recvmmsg"),
          FunctionDescriptor.of(INT, INT, ValueLayout.ADDRESS, INT, INT, ValueLayout.ADDRESS),
          Linker.Option.captureCallState("errno"));
    } catch (RuntimeException | LinkageError e) {
      // Native access may be denied, or a C library have no such call: Netty's reads serve too.
      LOGGER.debug("no recvmmsg", e);
      return null;
    }
  }

  static boolean isAvailable() {
    return RECVMMSG != null;
  }

  static MergedReceiver ofThread() {
    return OF_THREAD.get();
  }

  /**
   * Reads what waits, without waiting for more.
   *
   * @return how many were read, at most {@link #MESSAGES}, which stay until the next call; or a
   *     negative error number
   */
  int receive(int fd) {
    for (int i = 0; i < MESSAGES; i++) {
      headers.set(INT, header(i) + 8, NAME_BYTES);
      headers.set(LONG, header(i) + 40, CONTROL_ROOM);
    }
    int count;
    try {
      count =
          (int)
              RECVMMSG.invokeExact(state, fd, headers, MESSAGES, MSG_DONTWAIT, MemorySegment.NULL);
    } catch (Throwable e) {
      throw new IllegalStateException("recvmmsg", e);
    }
    return count >= 0 ? count : -(int) ERRNO.get(state, 0L);
  }

  private static long header(int message) {
    return (long) message * MMSGHDR_BYTES;
  }

  /** Length of a message, which may be many datagrams; -1 for one that was cut off. */
  int bytes(int message) {
    boolean whole = (headers.get(INT, header(message) + 48) & MSG_TRUNC) == 0;
    return whole ? headers.get(INT, header(message) + MSGHDR_BYTES) : -1;
  }

  /** Length of each datagram in a message but the last, which may be shorter. */
  int segmentBytes(int message) {
    long at = (long) message * CONTROL_ROOM;
    long left = headers.get(LONG, header(message) + 40);
    while (left >= CMSG_HEADER_BYTES + Integer.BYTES) {
      long length = controls.get(LONG, at);
      boolean gro = controls.get(INT, at + 8) == SOL_UDP && controls.get(INT, at + 12) == UDP_GRO;
      int segment = gro ? controls.get(INT, at + CMSG_HEADER_BYTES) : 0;
      if (segment > 0) {
        return segment;
      }
      long next = Math.max(length + 7 & -8, CMSG_HEADER_BYTES);
      at += next;
      left -= next;
    }
    return MESSAGE_BYTES;
  }

  /** Copies part of a message. */
  void copy(int message, int from, byte[] dst, int length) {
    MemorySegment.copy(
        content, ValueLayout.JAVA_BYTE, (long) message * MESSAGE_BYTES + from, dst, 0, length);
  }

  PeerAddress sender(int message) {
    long at = (long) message * NAME_ROOM;
    int port = names.get(PORT, at + 2) & 0xFFFF;
    boolean ipv4 = names.get(ValueLayout.JAVA_SHORT, at) == AF_INET;
    long high = ipv4 ? 0 : names.get(ADDRESS6, at + 8);
    long low = ipv4 ? Addresses.mapped(names.get(ADDRESS4, at + 4)) : names.get(ADDRESS6, at + 16);
    int slot = Long.hashCode((high * 31 + low) * 31 + port) * 0x9E37_79B1 >>> 24;
    PeerAddress known = senders[slot];
    if (known == null || known.low() != low || known.high() != high || known.port() != port) {
      known = new PeerAddress(high, low, port);
      senders[slot] = known;
    }
    return known;
  }
}
