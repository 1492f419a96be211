package io.aetherflow.local.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A file that is read while it grows. A file that became shorter was cut or replaced and is read
 * from its start again. Close from another thread ends a waiting read.
 */
final class FollowedFile extends InputStream {
  /** How long after its writer's end a quiet file is still waited for. */
  private static final long LOOK_MILLIS = 1_000;

  private final Path file;
  private final BooleanSupplier grows;
  private final WatchService watch;
  private InputStream in;
  private long position;

  /**
   * @param grows whether the file may still get longer; asked at its end
   */
  FollowedFile(Path file, BooleanSupplier grows) throws IOException {
    this.file = file;
    this.grows = grows;
    this.watch = file.getFileSystem().newWatchService();
    file.toAbsolutePath()
        .getParent()
        .register(
            watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
  }

  void skipTo(long offset) throws IOException {
    reopen();
    if (in != null) {
      in.skipNBytes(offset);
      position = offset;
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buf, int off, int len) throws IOException {
    while (true) {
      // Asked before the last look, so that nothing written before its end is missed.
      boolean mayGrow = grows.getAsBoolean();
      if (in == null || Files.exists(file) && Files.size(file) < position) {
        reopen();
      }
      int n = in == null ? -1 : in.read(buf, off, len);
      if (n > 0) {
        position += n;
        return n;
      }
      if (!mayGrow || !await()) {
        return -1;
      }
    }
  }

  private void reopen() throws IOException {
    if (in != null) {
      in.close();
      in = null;
    }
    try {
      in = Files.newInputStream(file);
      position = 0;
    } catch (NoSuchFileException notYet) {
      // Its writer has not started.
    }
  }

  private boolean await() {
    try {
      WatchKey key = watch.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      if (key != null) {
        key.pollEvents();
        key.reset();
      }
      return true;
    } catch (ClosedWatchServiceException closed) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
    if (in != null) {
      in.close();
    }
  }
}
