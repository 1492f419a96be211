package io.aetherflow.gateway.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A script under real npm packages, in a copy of its folder. It prints {@code AT name} where it
 * waits for the test, and ends with code 0 when all is well.
 */
public final class NodeStory {
  private static final Path INSTALLED = Path.of("target/node");

  private final Path work;
  private final Map<String, String> environment;

  /**
   * @param sources has package.json and its lock
   */
  public NodeStory(Path sources, Map<String, String> environment)
      throws IOException, InterruptedException {
    this.work = INSTALLED.resolve(sources.toAbsolutePath().normalize().getFileName());
    this.environment = environment;
    copy(sources, work);
    npm("ci", "--prefer-offline");
  }

  public void npm(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("npm"));
    command.addAll(List.of(arguments));
    Path log = work.resolve("npm.log");
    Process npm = process(command).redirectOutput(log.toFile()).start();
    if (!npm.waitFor(120, TimeUnit.SECONDS) || npm.exitValue() != 0) {
      npm.destroyForcibly();
      throw new AssertionError(String.join(" ", command) + " failed: " + Files.readString(log));
    }
  }

  /**
   * @param at what to do at each place where the script waits
   * @return everything it printed
   */
  public String run(Map<String, Runnable> at, String script, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    Process node = process(command).start();
    StringBuilder output = new StringBuilder();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        output.append(line).append('\n');
        if (line.startsWith("AT ")) {
          Runnable action = at.get(line.substring(3));
          if (action == null) {
            throw new AssertionError("the script waits at an unknown place: " + line);
          }
          action.run();
          node.getOutputStream().write('\n');
          node.getOutputStream().flush();
        }
      }
      if (node.waitFor() != 0) {
        throw new AssertionError(script + " failed:\n" + output);
      }
      return output.toString();
    } finally {
      node.destroyForcibly();
    }
  }

  private ProcessBuilder process(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(work.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder;
  }

  /** Without what npm or a compiler left in the sources. */
  private static void copy(Path from, Path to) throws IOException {
    Set<String> made = Set.of("node_modules", "dist");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path each : files.filter(Files::isRegularFile).toList()) {
        Path path = from.relativize(each);
        if (!made.contains(path.getName(0).toString())) {
          Path target = to.resolve(path);
          Files.createDirectories(target.getParent());
          Files.copy(each, target, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }
}
