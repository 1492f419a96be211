package io.aetherflow.bench.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.bench.BenchFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Turns the JSON files of other benchmarks into a section of the documentation with plots. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Writes tables and plots of the JSON files in DIR into docs/benchmarks.md.")
public final class ReportCommand implements Callable<Integer> {
  private static final String BEGIN = "<!-- bench report -->";
  private static final String END = "<!-- end of bench report -->";

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "Where the JSON files are.")
  private Path directory;

  @Option(
      names = "--docs",
      paramLabel = "DIR",
      defaultValue = "docs",
      description = "Holds benchmarks.md and plots/. Default: docs.")
  private Path docs;

  @Override
  public Integer call() throws IOException {
    StringBuilder section = new StringBuilder();
    Files.createDirectories(docs.resolve("plots"));
    for (Path file : files()) {
      String stem = file.getFileName().toString().replaceFirst("\\.json$", "");
      Report report = new ObjectMapper().readValue(file.toFile(), Report.class);
      Section text = new Section(report, stem);
      section.append(text.markdown());
      if (text.hasPlot()) {
        Files.writeString(docs.resolve("plots").resolve(stem + ".svg"), text.plot());
      }
    }
    Path page = docs.resolve("benchmarks.md");
    Files.writeString(page, replaced(Files.readString(page), section.toString()));
    spec.commandLine().getOut().println("wrote " + page);
    return 0;
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new BenchFailure(directory + " is no directory.");
    }
    try (Stream<Path> all = Files.list(directory)) {
      List<Path> files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
      if (files.isEmpty()) {
        throw new BenchFailure(directory + " has no JSON files; make them with --json.");
      }
      return files;
    }
  }

  /** The page with a new section in place of the old one, at the end if there was none. */
  static String replaced(String page, String section) {
    String marked = BEGIN + "\n" + section + END;
    int from = page.indexOf(BEGIN);
    int to = page.indexOf(END);
    return from < 0 || to < from
        ? page.stripTrailing() + "\n\n" + marked + "\n"
        : page.substring(0, from) + marked + page.substring(to + END.length());
  }
}
