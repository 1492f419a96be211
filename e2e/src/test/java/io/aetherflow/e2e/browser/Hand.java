package io.aetherflow.e2e.browser;

import java.util.ArrayList;
import java.util.List;

/**
 * Draws lines and types words into one window of the demo until it is told to stop. Every line lies
 * on a height of its own and every word is written once, so that both can be looked for later.
 */
public final class Hand implements AutoCloseable {
  private static final int STEPS = 8;

  private final Window window;
  private final String mark;
  private final int firstRow;
  private final List<Integer> rows = new ArrayList<>();
  private final List<String> words = new ArrayList<>();
  private final Thread thread;
  private final int[] board;
  private volatile boolean stopped;
  private Throwable failure;

  /**
   * @param mark begins each word
   * @param parity 0 or 1: which of the board's rows are this hand's
   */
  public Hand(Window window, String mark, int parity) {
    this.window = window;
    this.mark = mark;
    this.firstRow = parity;
    this.board = board();
    this.thread = Thread.ofVirtual().name("hand-" + mark).start(this::work);
  }

  /** Left, top, width and height of the board on the screen. */
  private int[] board() {
    var box =
        window.value(
            "(() => { const b = document.getElementById('board').getBoundingClientRect();"
                + " return [b.left, b.top, b.width, b.height] })()");
    return new int[] {
      box.get(0).asInt(), box.get(1).asInt(), box.get(2).asInt(), box.get(3).asInt()
    };
  }

  private void work() {
    try {
      for (int n = 0; !stopped; n++) {
        draw(2 * n + firstRow);
        write(mark + n + ";");
      }
    } catch (RuntimeException | AssertionError e) {
      failure = e;
    }
  }

  private void draw(int row) {
    int y = board[1] + 5 + row % (board[3] - 10);
    List<int[]> points = new ArrayList<>();
    for (int step = 0; step <= STEPS; step++) {
      points.add(new int[] {board[0] + 10 + step * (board[2] - 20) / STEPS, y});
    }
    window.drag(points);
    synchronized (this) {
      rows.add(toBoardY(y));
      notifyAll();
    }
  }

  private int toBoardY(int screenY) {
    return window
        .value(
            "(() => { const b = document.getElementById('board').getBoundingClientRect(); return"
                + " Math.round(("
                + screenY
                + " - b.top) / b.height * 800) })()")
        .asInt();
  }

  private void write(String word) {
    window.value("document.getElementById('text').focus()");
    window.type(word);
    synchronized (this) {
      words.add(word);
    }
  }

  /** Heights, in the board's measure, of the lines drawn. */
  public synchronized List<Integer> rows() {
    return List.copyOf(rows);
  }

  public synchronized List<String> words() {
    return List.copyOf(words);
  }

  /** Waits until so many more lines are drawn. */
  public synchronized void awaitMore(int lines) throws InterruptedException {
    int target = rows.size() + lines;
    while (rows.size() < target) {
      if (!thread.isAlive()) {
        throw new AssertionError("the hand " + mark + " stopped", failure);
      }
      wait(1_000);
    }
  }

  /** Ends after the line and word under way. */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw new AssertionError("the hand " + mark + " failed", failure);
    }
  }
}
