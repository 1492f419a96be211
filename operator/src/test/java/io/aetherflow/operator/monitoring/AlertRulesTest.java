package io.aetherflow.operator.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alert rules by Prometheus' own tool, with {@code promtool} from the path. */
class AlertRulesTest {
  private static final Path MONITORING = Path.of("..", "monitoring");
  private static final Path RUNBOOK = Path.of("..", "docs", "operations.md");

  /** An alert's name in a test, and, if it must fire then, the line after. */
  private static final Pattern CASE = Pattern.compile("alertname: (\\w+)\\n( *exp_alerts:)?");

  private static final Pattern ALERT = Pattern.compile("(?m)^ *- alert: (\\w+)$");

  @Test
  void everyRuleIsValid() throws Exception {
    promtool("check", "rules", files("rules"));
  }

  @Test
  void everyAlertFiresAndStaysQuietWhereItShould() throws Exception {
    promtool("test", "rules", files("tests"));
  }

  @Test
  void everyAlertIsTestedBothWays() throws IOException {
    String tests = text(files("tests"));
    for (String alert : alerts()) {
      List<Boolean> fires =
          CASE.matcher(tests)
              .results()
              .filter(each -> each.group(1).equals(alert))
              .map(each -> each.group(2) != null)
              .toList();
      assertThat(fires).as("cases in which %s fires and stays quiet", alert).contains(true, false);
    }
  }

  @Test
  void everyAlertHasAParagraphInTheRunbook() throws IOException {
    String runbook = Files.readString(RUNBOOK);
    String rules = text(files("rules"));
    for (String alert : alerts()) {
      assertThat(runbook).contains("### " + alert + "\n");
      assertThat(rules).contains("docs/operations.md#" + alert.toLowerCase());
    }
  }

  private static TreeSet<String> alerts() throws IOException {
    TreeSet<String> alerts = new TreeSet<>();
    ALERT
        .matcher(text(files("rules")))
        .results()
        .map((MatchResult each) -> each.group(1))
        .forEach(alerts::add);
    assertThat(alerts).isNotEmpty();
    return alerts;
  }

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> all = Files.list(MONITORING.resolve(folder))) {
      return all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static String text(List<Path> files) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Path file : files) {
      text.append(Files.readString(file));
    }
    return text.toString();
  }

  private static void promtool(String verb, String what, List<Path> files) throws Exception {
    List<String> command = new ArrayList<>(List.of("promtool", verb, what));
    files.forEach(file -> command.add(file.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
  }
}
