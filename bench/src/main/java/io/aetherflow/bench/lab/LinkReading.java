package io.aetherflow.bench.lab;

import io.aetherflow.bench.report.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What the link carried during a measurement, and whether it kept its times. */
public final class LinkReading {
  /** A link that sends more than 1 % of packets later than this has distorted what it carried. */
  public static final double LATE_P99_MAX_MS = 2;

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double PERCENT = 100;

  private final NetworkLab network;
  private LinkCounters up;
  private LinkCounters down;
  private Histogram lateness;

  private LinkReading(NetworkLab network) {
    this.network = network;
  }

  /** Starts counting; over loopback there is nothing to count. */
  public static LinkReading begin(Site site) {
    LinkReading reading = new LinkReading(site instanceof Site.Lab(var lab) ? lab : null);
    if (reading.network != null) {
      reading.network.takeLateness();
      reading.up = reading.network.clientToServer();
      reading.down = reading.network.serverToClient();
    }
    return reading;
  }

  /** Stops counting. */
  public void end() {
    if (network != null) {
      up = network.clientToServer().minus(up);
      down = network.serverToClient().minus(down);
      lateness = network.takeLateness();
      warnIfSuspect();
    }
  }

  /** Tells people if the link was too late too often for the numbers to be trusted. */
  private void warnIfSuspect() {
    if (lateP99Ms() > LATE_P99_MAX_MS) {
      System.err.printf(
          "bench: the link sent 1 %% of packets more than %.1f ms late; do not trust this run.%n",
          lateP99Ms());
    }
  }

  private double lateP99Ms() {
    return lateness.getValueAtPercentile(99) / NANOS_PER_MILLI;
  }

  /**
   * Metrics without subject and parameters; none over loopback.
   *
   * @param units what the bytes are to be shared among, such as calls; 0 for totals only
   */
  public List<Row> rows(long units) {
    List<Row> rows = new ArrayList<>();
    if (network == null) {
      return rows;
    }
    if (units > 0) {
      add(rows, "wire-up", "B/call", (double) up.offeredBytes() / units);
      add(rows, "wire-down", "B/call", (double) down.offeredBytes() / units);
    }
    add(rows, "link-up-packets", "packets", up.offeredPackets());
    add(rows, "link-down-packets", "packets", down.offeredPackets());
    add(rows, "link-loss-up", "%", PERCENT * up.lossShare());
    add(rows, "link-loss-down", "%", PERCENT * down.lossShare());
    add(rows, "link-queue-drops", "packets", up.queueDrops() + down.queueDrops());
    add(rows, "link-refused", "packets", up.refusedPackets() + down.refusedPackets());
    add(rows, "link-late-p50", "ms", lateness.getValueAtPercentile(50) / NANOS_PER_MILLI);
    add(rows, "link-late-p99", "ms", lateP99Ms());
    add(rows, "link-late-max", "ms", lateness.getMaxValue() / NANOS_PER_MILLI);
    return rows;
  }

  private static void add(List<Row> rows, String metric, String unit, double value) {
    rows.add(new Row("link", Map.of(), metric, unit, value));
  }
}
