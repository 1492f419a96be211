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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A script of src/test/js under the real npm packages. It prints {@code AT name} where it waits for
 * the test, and {@code DONE ...} at its end.
 */
public final class NodeStory {
  private static final Path SOURCES = Path.of("src/test/js");
  private static final Path INSTALLED = Path.of("target/yjs-story");

  private NodeStory() {}

  /**
   * @param at what to do at each place where the script waits
   * @return what the script printed after DONE
   */
  public static String run(Map<String, Runnable> at, String script, String... arguments)
      throws IOException, InterruptedException {
    install();
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    Process node =
        new ProcessBuilder(command).directory(INSTALLED.toFile()).redirectErrorStream(true).start();
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
        } else if (line.startsWith("DONE")) {
          return line.substring(4).strip();
        }
      }
      throw new AssertionError(script + " failed:\n" + output);
    } finally {
      node.destroyForcibly();
    }
  }

  private static void install() throws IOException, InterruptedException {
    for (String tool : List.of("node", "npm")) {
      Assumptions.assumeTrue(
          found(tool), tool + " is not on the PATH; install nodejs 20 or later with npm");
    }
    Files.createDirectories(INSTALLED);
    for (String file : List.of("package.json", "package-lock.json", ".npmrc", "yjs-story.mjs")) {
      Files.copy(
          SOURCES.resolve(file), INSTALLED.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Process npm =
        new ProcessBuilder("npm", "ci", "--prefer-offline")
            .directory(INSTALLED.toFile())
            .redirectErrorStream(true)
            .redirectOutput(INSTALLED.resolve("npm.log").toFile())
            .start();
    if (!npm.waitFor(120, TimeUnit.SECONDS) || npm.exitValue() != 0) {
      npm.destroyForcibly();
      throw new AssertionError("npm ci failed: " + Files.readString(INSTALLED.resolve("npm.log")));
    }
  }

  private static boolean found(String tool) {
    for (String directory : System.getenv("PATH").split(":")) {
      if (Files.isExecutable(Path.of(directory, tool))) {
        return true;
      }
    }
    return false;
  }
}
