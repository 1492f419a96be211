package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditFileTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

  @TempDir private Path directory;

  @Test
  void everyWriteIsALineAndAnotherStartAddsToThem() throws IOException {
    Path path = directory.resolve("audit.log");
    write(path, new Audit.Write("robot", "patch", "deployments/scale", "default", "demo", 403));
    write(path, new Audit.Write("robot", "create", "secrets", "default", "", 409));

    assertThat(Files.readAllLines(path))
        .containsExactly(
            line("patch", "'resource':'deployments','subresource':'scale'", "demo", 403),
            line("create", "'resource':'secrets'", "", 409));
  }

  private static void write(Path path, Audit.Write write) throws IOException {
    try (AuditFile audit = new AuditFile(path, CLOCK)) {
      audit.onWrite(write);
    }
  }

  private static String line(String verb, String resource, String name, int code) {
    return ("{'apiVersion':'audit.k8s.io/v1','kind':'Event','level':'Metadata',"
            + "'stage':'ResponseComplete','stageTimestamp':'2026-01-01T00:00:00Z','verb':'%s',"
            + "'user':{'username':'robot'},'objectRef':{%s,'namespace':'default','name':'%s'},"
            + "'responseStatus':{'code':%d}}")
        .formatted(verb, resource, name, code)
        .replace('\'', '"');
  }
}
