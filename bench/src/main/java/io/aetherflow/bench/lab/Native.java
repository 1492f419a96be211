package io.aetherflow.bench.lab;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The few calls of Linux's C library that the lab needs. Errors come back as negative error
 * numbers.
 */
final class Native {
  static final int EAGAIN = 11;
  static final int EINTR = 4;
  static final short POLLIN = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN =
      variadic("open", 2, ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle IOCTL =
      variadic(
          "ioctl",
          2,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_INT,
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS);
  private static final MethodHandle CLOSE = plain("close", ValueLayout.JAVA_INT);
  private static final MethodHandle READ =
      function(
          "read",
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG);
  private static final MethodHandle WRITE =
      function(
          "write",
          ValueLayout.JAVA_LONG,
          ValueLayout.JAVA_INT,
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG);
  private static final MethodHandle PPOLL =
      plain(
          "ppoll",
          ValueLayout.ADDRESS,
          ValueLayout.JAVA_LONG,
          ValueLayout.ADDRESS,
          ValueLayout.ADDRESS);
  private static final MethodHandle PRCTL =
      variadic("prctl", 1, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG);
  private static final MethodHandle SCHED =
      plain("sched_setscheduler", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS);
  private static final MethodHandle SETPRIORITY =
      plain("setpriority", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

  /** Where errno is left; the link has one thread, opening and closing happen before and after. */
  private static final ThreadLocal<MemorySegment> ERRNO_STATE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private Native() {}

  private static MethodHandle plain(String name, MemoryLayout... arguments) {
    return function(name, ValueLayout.JAVA_INT, arguments);
  }

  private static MethodHandle function(
      String name, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"));
  }

  private static MethodHandle variadic(
      String name, int first, MemoryLayout result, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(result, arguments),
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(first));
  }

  static int open(MemorySegment path, int flags) {
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError((int) OPEN.invokeExact(errno, path, flags), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int ioctl(int fd, long request, MemorySegment argument) {
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError((int) IOCTL.invokeExact(errno, fd, request, argument), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void close(int fd) {
    try {
      int ignored = (int) CLOSE.invokeExact(ERRNO_STATE.get(), fd);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int read(int fd, MemorySegment buf) {
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError((int) (long) READ.invokeExact(errno, fd, buf, buf.byteSize()), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int write(int fd, MemorySegment buf) {
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError((int) (long) WRITE.invokeExact(errno, fd, buf, buf.byteSize()), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static int ppoll(MemorySegment fds, long count, MemorySegment timeout) {
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError(
          (int) PPOLL.invokeExact(errno, fds, count, timeout, MemorySegment.NULL), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Lets this thread sleep precisely: Linux otherwise adds up to 50 microseconds to a timeout. */
  static boolean setTimerSlackNs(long slackNs) {
    int setTimerSlack = 29;
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError((int) PRCTL.invokeExact(errno, setTimerSlack, slackNs), errno) >= 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Puts this thread before all ordinary ones; false where the machine does not allow it. */
  static boolean setRealtime(int priority) {
    int fifo = 1;
    MemorySegment errno = ERRNO_STATE.get();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parameter = arena.allocateFrom(ValueLayout.JAVA_INT, priority);
      return orError((int) SCHED.invokeExact(errno, 0, fifo, parameter), errno) >= 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Niceness of this thread; false where the machine does not allow it. */
  static boolean setNice(int nice) {
    MemorySegment errno = ERRNO_STATE.get();
    try {
      return orError((int) SETPRIORITY.invokeExact(errno, 0, 0, nice), errno) >= 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int orError(int result, MemorySegment state) {
    return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
  }

  private static IllegalStateException unexpected(Throwable cause) {
    return new IllegalStateException("a native call failed", cause);
  }
}
