package io.aetherflow.operator.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The alert rules and dashboards of {@code monitoring/} and {@code grafana/}, as built in. */
final class MonitoringFiles {
  static final List<String> RULES = List.of("application", "etcd", "operator", "quantum");
  static final List<String> DASHBOARDS = List.of("application", "etcd", "operator", "quantum");

  private MonitoringFiles() {}

  /** File names and contents, e.g. {@code quantum.rules.yaml}. */
  static Map<String, String> rules() {
    Map<String, String> files = new TreeMap<>();
    RULES.forEach(name -> files.put(name + ".rules.yaml", read("rules/" + name + ".yaml")));
    return files;
  }

  /** File names and contents, e.g. {@code quantum.json}. */
  static Map<String, String> dashboards() {
    Map<String, String> files = new TreeMap<>();
    DASHBOARDS.forEach(name -> files.put(name + ".json", read("dashboards/" + name + ".json")));
    return files;
  }

  private static String read(String name) {
    try (InputStream in = MonitoringFiles.class.getResourceAsStream("/monitoring/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the build left out monitoring/" + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
