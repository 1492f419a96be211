package io.aetherflow.gateway.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The browser of this machine. */
public final class Chromium {
  private Chromium() {}

  /** Its program; skips the test where there is none. */
  public static String program() {
    Optional<Path> program =
        Stream.of(System.getenv("PATH").split(":"))
            .flatMap(
                dir -> Stream.of("chromium", "chromium-browser").map(name -> Path.of(dir, name)))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        program.isPresent(),
        "no chromium on the PATH; on Debian 'apt-get install chromium' brings it");
    return program.get().toString();
  }
}
