package io.aetherflow.quantum.netty;

import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The kernel's buffers of a UDP socket. One that is clipped loses datagrams while the event loop is
 * busy, or takes no more of a burst, which looks like a bad path. Stateless but for having warned.
 */
final class SocketBuffers {
  /** What a socket should hold while the event loop is busy; the kernel may clip it. */
  static final int BYTES = 4 << 20;

  private static final InternalLogger LOGGER =
      InternalLoggerFactory.getInstance(SocketBuffers.class);

  /** Once per process is enough. */
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private SocketBuffers() {}

  /** Before the channel is bound. */
  static void ask(DatagramChannel channel) {
    channel.config().setOption(ChannelOption.SO_RCVBUF, BYTES);
    channel.config().setOption(ChannelOption.SO_SNDBUF, BYTES);
  }

  static void warnIfClipped(DatagramChannel channel) {
    Optional<String> warning =
        warning(
            channel.config().getOption(ChannelOption.SO_RCVBUF),
            channel.config().getOption(ChannelOption.SO_SNDBUF));
    if (warning.isPresent() && WARNED.compareAndSet(false, true)) {
      LOGGER.warn(warning.get());
    }
  }

  /**
   * What to tell of what the kernel gives. Linux answers with twice the size that it grants, for it
   * counts its own bookkeeping (socket(7)), so a buffer that was clipped by less than half goes
   * unnoticed.
   *
   * @param receiveBytes null if the socket does not tell
   * @param sendBytes the same
   */
  static Optional<String> warning(Integer receiveBytes, Integer sendBytes) {
    if (!isClipped(receiveBytes) && !isClipped(sendBytes)) {
      return Optional.empty();
    }
    return Optional.of(
        "The kernel gives UDP sockets %s bytes of receive and %s of send buffer instead of %d;"
                .formatted(receiveBytes, sendBytes, BYTES)
            + " raise net.core.rmem_max and net.core.wmem_max.");
  }

  private static boolean isClipped(Integer bytes) {
    return bytes != null && bytes < BYTES;
  }
}
