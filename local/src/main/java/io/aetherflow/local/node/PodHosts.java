package io.aetherflow.local.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A pod's {@code /etc/hosts} and {@code /etc/resolv.conf}. Files are replaced, never rewritten, so
 * that no reader sees half of one.
 */
final class PodHosts {
  /** Where the directory appears in a container; enter.sh links to it. */
  static final String TARGET = "/.pod";

  private final Path directory;
  private final String own;
  private String written = "";

  PodHosts(Path directory, String ip, String hostname) {
    this.directory = directory;
    this.own = "127.0.0.1 localhost\n" + ip + " " + hostname + "\n";
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("resolv.conf"), "# names come from /etc/hosts\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    write("");
  }

  Path directory() {
    return directory;
  }

  /** Replaces what follows the pod's own lines. */
  void write(String names) {
    String text = own + names;
    if (text.equals(written)) {
      return;
    }
    try {
      Path next = directory.resolve("hosts.next");
      Files.writeString(next, text);
      Files.move(next, directory.resolve("hosts"), StandardCopyOption.ATOMIC_MOVE);
      written = text;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the hosts file of a pod", e);
    }
  }
}
