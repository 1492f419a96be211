package io.aetherflow.bench.options;

import io.aetherflow.bench.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** {@code --json FILE}, the same for every benchmark. */
public final class JsonOption {
  @Option(names = "--json", paramLabel = "FILE", description = "Also write the numbers there.")
  private Path file;

  /** Writes the report if the option was given. */
  public void write(Report report) throws IOException {
    if (file != null) {
      report.writeJson(file);
    }
  }
}
