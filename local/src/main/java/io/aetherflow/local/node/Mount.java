package io.aetherflow.local.node;

import java.nio.file.Path;

/** One path of this machine shown at one path of a container. */
record Mount(boolean readOnly, Path source, String target) {
  String line() {
    return (readOnly ? "ro" : "rw") + "\t" + source + "\t" + target + "\n";
  }
}
