package io.aetherflow.local.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.OptionalInt;

/** Files of one number. A full disk or a kill leaves the old content or the new, never half. */
public final class SmallFiles {
  private SmallFiles() {}

  public static void write(Path file, int number) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, number + "\n");
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Empty when there is no such file, or no number in it. */
  public static OptionalInt read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(Files.readString(file).strip()));
    } catch (NumberFormatException e) {
      return OptionalInt.empty();
    }
  }
}
