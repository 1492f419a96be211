package io.aetherflow.local.cli;

import java.io.PrintStream;

/** Progress on one rewritten line of a terminal, or one line per change in a file. */
final class Terminal {
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final boolean interactive;
  private String last = "";

  Terminal(PrintStream out, boolean interactive) {
    this.out = out;
    this.interactive = interactive;
  }

  void progress(long seconds, String text) {
    if (interactive) {
      out.printf("%s  %3d s  %s", CLEAR_LINE, seconds, text);
      out.flush();
    } else if (!text.equals(last)) {
      out.printf("  %3d s  %s%n", seconds, text);
    }
    last = text;
  }

  void clear() {
    if (interactive) {
      out.print(CLEAR_LINE);
      out.flush();
    }
  }
}
