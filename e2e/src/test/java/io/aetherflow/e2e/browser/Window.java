package io.aetherflow.e2e.browser;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Chromium of its own with one page, as one person's. Input goes through the browser as from a
 * mouse and a keyboard. May be used from any thread.
 */
public final class Window implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  /** Between looks at what a page holds; a page has no event for the outside. */
  private static final long LOOK_MILLIS = 100;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path data;
  private final DevTools page;

  private Window(Process process, Path data) {
    this.process = process;
    this.data = data;
    this.page = new DevTools(http, awaitPage());
  }

  /** The browser's program; empty where none is installed. */
  public static Optional<Path> program() {
    return Stream.of(System.getenv("PATH").split(":"))
        .flatMap(dir -> Stream.of("chromium", "chromium-browser").map(name -> Path.of(dir, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public static Window open(Path program, String url) {
    try {
      Path data = Files.createTempDirectory("aetherflow-chromium-");
      List<String> command = new ArrayList<>(List.of(program.toString()));
      command.addAll(
          List.of(
              "--headless",
              "--no-sandbox",
              "--disable-gpu",
              "--disable-quic",
              "--disable-dev-shm-usage",
              "--no-first-run",
              "--disable-background-networking",
              "--disable-component-update",
              "--disable-sync",
              "--window-size=1280,900",
              "--remote-debugging-port=0",
              "--user-data-dir=" + data,
              url));
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(data.resolve("output").toFile())
              .start();
      return new Window(process, data);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + program, e);
    }
  }

  private URI awaitPage() {
    Path portFile = data.resolve("DevToolsActivePort");
    long deadlineNs = System.nanoTime() + START_TIMEOUT.toNanos();
    while (System.nanoTime() < deadlineNs && process.isAlive()) {
      try {
        String port = Files.exists(portFile) ? Files.readAllLines(portFile).getFirst() : "";
        if (!port.isEmpty()) {
          HttpRequest list =
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build();
          String targets = http.send(list, HttpResponse.BodyHandlers.ofString()).body();
          for (JsonNode each : new ObjectMapper().readTree(targets)) {
            if (each.path("type").asText().equals("page")) {
              return URI.create(each.path("webSocketDebuggerUrl").asText());
            }
          }
        }
      } catch (IOException notYet) {
        // It listens a moment after it has written the file.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      pause(LOOK_MILLIS);
    }
    process.destroyForcibly();
    throw new AssertionError("the browser did not start; its output is in " + data);
  }

  /** What a JavaScript expression is worth in the page. */
  public JsonNode value(String expression) {
    JsonNode result =
        page.call(
            "Runtime.evaluate",
            DevTools.parameters()
                .put("expression", expression)
                .put("returnByValue", true)
                .put("awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new AssertionError(expression + " threw " + result.path("exceptionDetails"));
    }
    return result.at("/result/value");
  }

  /** Waits until an expression holds; one that throws, as while the page loads, does not yet. */
  public void await(String condition, Duration timeout) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    String safe = "(() => { try { return !!(" + condition + ") } catch { return false } })()";
    while (!value(safe).asBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError(
            "not within "
                + timeout.toSeconds()
                + " s: "
                + condition
                + "; the page says: "
                + value("document.body.innerText").asText());
      }
      pause(LOOK_MILLIS);
    }
  }

  /** Presses the left button, moves through the points at a hand's pace, and releases it. */
  public void drag(List<int[]> points) {
    mouse("mouseMoved", points.getFirst(), 0);
    mouse("mousePressed", points.getFirst(), 1);
    for (int[] point : points.subList(1, points.size())) {
      pause(25);
      mouse("mouseMoved", point, 1);
    }
    mouse("mouseReleased", points.getLast(), 0);
  }

  private void mouse(String type, int[] at, int buttons) {
    page.call(
        "Input.dispatchMouseEvent",
        DevTools.parameters()
            .put("type", type)
            .put("x", at[0])
            .put("y", at[1])
            .put("button", type.equals("mouseMoved") && buttons == 0 ? "none" : "left")
            .put("buttons", buttons)
            .put("clickCount", 1));
  }

  /** Writes into what has the focus. */
  public void type(String text) {
    page.call("Input.insertText", DevTools.parameters().put("text", text));
  }

  /** A picture of the page, for whoever looks into a failure. */
  public Path screenshot(Path file) {
    JsonNode picture = page.call("Page.captureScreenshot", DevTools.parameters());
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, Base64.getDecoder().decode(picture.path("data").asText()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    page.close();
    http.shutdownNow();
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
    try (Stream<Path> files = Files.walk(data)) {
      for (Path each : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException | UncheckedIOException e) {
      // What a browser leaves in the temporary directory fails no test.
    }
  }
}
