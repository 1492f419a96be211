package io.aetherflow.quantum;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;

/** The normative document, and the blocks of test vectors in it. */
public final class ProtocolDocument {
  private static final Path FILE = Path.of("../../docs/quantum-protocol.md");
  private static final String BLOCK = "```vectors ";

  private ProtocolDocument() {}

  /** Compares what one line gives with what it expects. */
  @FunctionalInterface
  public interface Check {
    void check(String given, String expected);
  }

  /** The names of all blocks. */
  static List<String> blocks() throws IOException {
    return Files.readAllLines(FILE).stream()
        .filter(line -> line.startsWith(BLOCK))
        .map(line -> line.substring(BLOCK.length()))
        .toList();
  }

  /** A test for each line of a block, which must be there. */
  public static List<DynamicTest> vectors(String block, Check check) throws IOException {
    List<String> lines = Files.readAllLines(FILE);
    int at = lines.indexOf(BLOCK + block);
    assertThat(at).as("block %s in the document", block).isNotNegative();
    List<DynamicTest> tests = new ArrayList<>();
    for (String line : lines.subList(at + 1, lines.size())) {
      if (line.startsWith("```")) {
        break;
      }
      if (!line.startsWith("#")) {
        String[] sides = line.split(" = ", 2);
        tests.add(DynamicTest.dynamicTest(line, () -> check.check(sides[0], sides[1])));
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  /** A test for each pair of state and event; "-" stands for an event that is refused. */
  public static <S extends Enum<S>> List<DynamicTest> transitions(
      String block, Class<S> states, Machine<S> machine) throws IOException {
    return vectors(
        block,
        (given, expected) -> {
          String[] sides = given.split(" ");
          S state = Enum.valueOf(states, sides[0]);
          assertThat(after(machine, state, sides[1])).isEqualTo(expected);
        });
  }

  private static <S extends Enum<S>> String after(Machine<S> machine, S state, String event) {
    try {
      return machine.after(state, event).name();
    } catch (IllegalStateException refused) {
      return "-";
    }
  }

  /** What state follows an event. */
  @FunctionalInterface
  public interface Machine<S extends Enum<S>> {
    S after(S state, String event);
  }
}
