package io.aetherflow.bench.lab;

import io.aetherflow.bench.BenchFailure;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A TUN device: what the kernel routes to it can be read, what is written arrives from it. Whole IP
 * packets, non-blocking. The device ends with its file, also when the process is killed. Source:
 * Linux Documentation/networking/tuntap.rst.
 */
final class Tun implements AutoCloseable {
  private static final int READ_WRITE_NONBLOCK = 0x2 | 0x800;
  private static final long SET_INTERFACE = 0x400454caL;
  private static final short TUN_WITHOUT_HEADER = 0x0001 | 0x1000;
  private static final int REQUEST_BYTES = 40;
  private static final int FLAGS_OFFSET = 16;

  private final int fd;
  private boolean closed;

  private Tun(int fd) {
    this.fd = fd;
  }

  /** Makes the device in the network namespace of this process. */
  static Tun open(String name) {
    try (Arena arena = Arena.ofConfined()) {
      int fd = Native.open(arena.allocateFrom("/dev/net/tun"), READ_WRITE_NONBLOCK);
      if (fd < 0) {
        throw new BenchFailure("Cannot open /dev/net/tun (error " + -fd + "): run as root.");
      }
      MemorySegment request = arena.allocate(REQUEST_BYTES);
      byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
      MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
      request.set(ValueLayout.JAVA_SHORT, FLAGS_OFFSET, TUN_WITHOUT_HEADER);
      int result = Native.ioctl(fd, SET_INTERFACE, request);
      if (result < 0) {
        Native.close(fd);
        throw new BenchFailure("Cannot make TUN device " + name + " (error " + -result + ").");
      }
      return new Tun(fd);
    }
  }

  int fd() {
    return fd;
  }

  /** Length of the packet read into {@code buf}, 0 if none waits. */
  int read(MemorySegment buf) {
    int count = Native.read(fd, buf);
    return Math.max(count, 0);
  }

  /** False if the kernel did not take the packet. */
  boolean write(MemorySegment packet) {
    return Native.write(fd, packet) >= 0;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Native.close(fd);
    }
  }
}
