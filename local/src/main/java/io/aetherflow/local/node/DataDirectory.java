package io.aetherflow.local.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A ConfigMap or Secret as files, replaced as a whole: a reader sees all old files or all new ones.
 * The layout is the kubelet's: {@code key -> ..data/key}, {@code ..data -> ..N}.
 */
final class DataDirectory {
  private static final String CURRENT = "..data";

  /** One file. */
  record Entry(byte[] content, int mode) {}

  private final Path directory;
  private final Owner owner;

  DataDirectory(Path directory, Owner owner) {
    this.directory = directory;
    this.owner = owner;
  }

  /** Writes the entries by relative path, unless they are what is there. */
  void write(Map<String, Entry> entries) throws IOException {
    Files.createDirectories(directory);
    Path link = directory.resolve(CURRENT);
    Path before =
        Files.isSymbolicLink(link) ? directory.resolve(Files.readSymbolicLink(link)) : null;
    if (before != null && holds(before, entries)) {
      return;
    }
    Path next = Files.createTempDirectory(directory, "..");
    mode(next, 0755);
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      Path file = next.resolve(entry.getKey());
      Files.createDirectories(file.getParent());
      Files.write(file, entry.getValue().content());
      mode(file, entry.getValue().mode());
      owner.give(file);
    }
    Path swap = directory.resolve("..swap");
    Files.deleteIfExists(swap);
    Files.createSymbolicLink(swap, next.getFileName());
    Files.move(swap, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    relink(entries.keySet());
    if (before != null) {
      Trees.delete(before);
    }
  }

  private static boolean holds(Path current, Map<String, Entry> entries) throws IOException {
    try (Stream<Path> files = Files.walk(current)) {
      if (files.filter(Files::isRegularFile).count() != entries.size()) {
        return false;
      }
    }
    for (Map.Entry<String, Entry> entry : entries.entrySet()) {
      Path file = current.resolve(entry.getKey());
      if (!Files.exists(file)
          || !java.util.Arrays.equals(Files.readAllBytes(file), entry.getValue().content())) {
        return false;
      }
    }
    return true;
  }

  private void relink(Set<String> keys) throws IOException {
    Set<String> tops = new java.util.TreeSet<>();
    keys.forEach(key -> tops.add(Path.of(key).getName(0).toString()));
    for (String top : tops) {
      Path link = directory.resolve(top);
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, Path.of(CURRENT, top));
      }
    }
    try (Stream<Path> links = Files.list(directory)) {
      for (Path link : links.sorted(Comparator.naturalOrder()).toList()) {
        String name = link.getFileName().toString();
        if (!name.startsWith("..") && !tops.contains(name)) {
          Files.delete(link);
        }
      }
    }
  }

  static void mode(Path path, int mode) throws IOException {
    PosixFilePermission[] bits = {
      PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE,
      PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_EXECUTE,
      PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
      PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE,
      PosixFilePermission.OWNER_READ
    };
    Set<PosixFilePermission> granted = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < bits.length; bit++) {
      if ((mode >> bit & 1) == 1) {
        granted.add(bits[bit]);
      }
    }
    Files.setPosixFilePermissions(path, granted);
  }
}
