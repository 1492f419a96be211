package io.aetherflow.bench.child;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.bench.BenchFailure;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The parent's end of a child JVM. Every way out ends the process: closing, the death of the parent
 * (its end of the pipe closes) and the shutdown hook. Used by one thread.
 */
public final class Child implements AutoCloseable {
  /** Logback's configuration for the bench and its children: warnings, on the error stream. */
  public static final String LOGGING = "logback-bench.xml";

  /** The same for all subjects, and for JMH; the collector's are those of a Production pod. */
  public static final List<String> JVM_FLAGS =
      List.of(
          "-Xms512m",
          "-Xmx512m",
          "-XX:MaxDirectMemorySize=512m",
          "-XX:+UseG1GC",
          "-XX:MaxTenuringThreshold=2",
          "-XX:-UsePerfData",
          "--add-modules",
          "jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dlogback.configurationFile=" + LOGGING);

  private static final int LOG_LINES_TOLD = 5;
  private static final int END_SECONDS = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Process process;
  private final Path log;
  private final BufferedWriter commands;
  private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
  private final Thread hook;

  private Child(String name, Process process, Path log) {
    this.name = name;
    this.process = process;
    this.log = log;
    commands = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofPlatform().daemon().name("child-" + name).start(this::readLines);
    hook = new Thread(process::destroyForcibly, "child-cleanup");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * @param name how messages call it, such as "quantum client"
   * @param prefix words before the command, for a network namespace
   */
  public static Child start(
      String name, List<String> prefix, Class<? extends Role> role, Map<String, Object> config) {
    return start(name, prefix, List.of(), role, config);
  }

  /**
   * @param flags of the JVM besides those that all have
   */
  public static Child start(
      String name,
      List<String> prefix,
      List<String> flags,
      Class<? extends Role> role,
      Map<String, Object> config) {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ChildMain.class.getName(), role.getName()));
    try {
      command.add(JSON.writeValueAsString(config));
      Path log = Files.createTempFile("aetherflow-bench-", ".log");
      Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
      return new Child(name, process, log);
    } catch (IOException e) {
      throw new BenchFailure("Cannot start the " + name + ": " + e.getMessage(), e);
    }
  }

  private void readLines() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(Optional.of(line));
      }
    } catch (IOException e) {
      // The pipe closes with the process.
    }
    lines.add(Optional.empty());
  }

  /** The next event, which must be this one. */
  public JsonNode await(String event, Duration timeout) throws InterruptedException {
    Optional<String> line = lines.poll(timeout.toNanos(), TimeUnit.NANOSECONDS);
    if (line == null) {
      throw new BenchFailure(
          "The %s did not report '%s' within %d s%s"
              .formatted(name, event, timeout.toSeconds(), logEnd()));
    }
    if (line.isEmpty()) {
      throw new BenchFailure(
          "The %s ended with code %d before '%s'%s"
              .formatted(name, process.waitFor(), event, logEnd()));
    }
    try {
      JsonNode json = JSON.readTree(line.get());
      if (!json.path(ChildMain.EVENT).asText().equals(event)) {
        throw new IllegalStateException(name + " said " + line.get() + ", not " + event);
      }
      return json;
    } catch (IOException e) {
      throw new IllegalStateException(name + " printed what is no event: " + line.get(), e);
    }
  }

  public void send(String command) {
    try {
      commands.write(command);
      commands.newLine();
      commands.flush();
    } catch (IOException e) {
      // The end of the process is told by the next await.
    }
  }

  /** Asks for the counters of this moment. */
  public JsonNode counters() throws InterruptedException {
    send("counters");
    return await("counters", Duration.ofSeconds(END_SECONDS));
  }

  private String logEnd() {
    try (Stream<String> all = Files.lines(log)) {
      List<String> text =
          all.filter(line -> !line.matches("\\s*(at .*|\\.\\.\\. .* more)?")).toList();
      if (text.isEmpty()) {
        return "; it logged nothing.";
      }
      int from = Math.max(0, text.size() - LOG_LINES_TOLD);
      return "; it said: " + String.join(" | ", text.subList(from, text.size()));
    } catch (IOException e) {
      return "; its log cannot be read.";
    }
  }

  @Override
  public void close() {
    try {
      commands.close();
    } catch (IOException e) {
      // It has ended already.
    }
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      Files.deleteIfExists(log);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // A log that stays in the temporary directory harms nobody.
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is going down and runs the hook.
    }
  }
}
