package io.aetherflow.quantum.buffer;

import java.util.Arrays;

/**
 * The pages of one endpoint. Keeps given pages ready, so that the packet path allocates nothing,
 * and returns to the budget what was not needed for a while. Belongs to the endpoint's thread; its
 * budget does not.
 */
public final class PagePool {
  /** Pages kept ready while the budget is tight. */
  private static final int READY_WHEN_TIGHT = 16;

  /** While none is in use, or the budget is tight, pages not needed for so long are returned. */
  private static final long TRIM_NS = 1_000_000_000;

  /**
   * Else as many stay as the last one or two of these periods needed at once: a packet that is lost
   * three times over needs many, and is rare.
   */
  private static final long PEAK_PERIOD_NS = 60_000_000_000L;

  private static final Page[] NONE = {};

  private final BufferBudget budget;
  private Page[] ready = NONE;
  private int readyCount;
  private int readyLow;
  private int inUse;
  private int peak;
  private int peakBefore;
  private long peakSinceNs;
  private long trimmedNs;

  public PagePool(BufferBudget budget) {
    this.budget = budget;
  }

  public BufferBudget budget() {
    return budget;
  }

  /** Whether so many pages can be had within the limit. */
  public boolean hasRoom(int pages) {
    return pages <= readyCount
        || budget.bytesInUse() + (long) (pages - readyCount) * Page.COST_BYTES
            <= budget.limitBytes();
  }

  /** A blank page. Never fails: whoever must keep to the limit asks {@link #hasRoom} before. */
  public Page take() {
    inUse++;
    if (readyCount == 0) {
      budget.reserve(Page.COST_BYTES);
      return new Page();
    }
    Page page = ready[--readyCount];
    ready[readyCount] = null;
    readyLow = Math.min(readyLow, readyCount);
    return page;
  }

  /** Takes a page back, which its user must forget. */
  public void give(Page page) {
    inUse--;
    if (readyCount >= READY_WHEN_TIGHT && budget.isTight()) {
      budget.release(Page.COST_BYTES);
      return;
    }
    page.reset();
    if (readyCount == ready.length) {
      ready = Arrays.copyOf(ready, Math.max(READY_WHEN_TIGHT, 2 * readyCount));
    }
    ready[readyCount++] = page;
  }

  /** Returns what was not needed since the last call; does nothing when called too soon. */
  public void trim(long nowNs) {
    if (nowNs - trimmedNs >= TRIM_NS) {
      trimmedNs = nowNs;
      int most = inUse + readyCount - readyLow;
      notePeak(most, nowNs);
      int worth = budget.isTight() ? most : Math.max(peak, peakBefore);
      drop(Math.clamp(inUse + readyCount - worth, 0, readyLow));
      readyLow = readyCount;
    }
  }

  private void notePeak(int most, long nowNs) {
    peak = Math.max(peak, most);
    if (most == 0) {
      peak = 0;
      peakBefore = 0;
    } else if (nowNs - peakSinceNs >= PEAK_PERIOD_NS) {
      peakSinceNs = nowNs;
      peakBefore = peak;
      peak = most;
    }
  }

  /** Returns all pages that are not in use. */
  public void clear() {
    drop(readyCount);
    readyLow = 0;
  }

  private void drop(int pages) {
    budget.release((long) pages * Page.COST_BYTES);
    readyCount -= pages;
    Arrays.fill(ready, readyCount, readyCount + pages, null);
    if (readyCount == 0) {
      ready = NONE;
    }
  }
}
