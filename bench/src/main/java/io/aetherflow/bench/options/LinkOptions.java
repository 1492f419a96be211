package io.aetherflow.bench.options;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.lab.LinkShape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The emulated link of a benchmark; without any of these options it runs over loopback. */
public final class LinkOptions {
  @Option(names = "--rtt", paramLabel = "TIME", description = "Round trip of the link, e.g. 50ms.")
  private String rtt;

  @Option(
      names = "--loss",
      paramLabel = "SHARE",
      description = "Packets lost in each direction, e.g. 2%%.")
  private String loss;

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      description = "Bottleneck in each direction, e.g. 100mbit.")
  private String rate;

  @Option(
      names = "--queue",
      paramLabel = "SIZE",
      description = "Queue of the bottleneck: 1bdp (the default, at least 64 packets), 200packets.")
  private String queue;

  @Option(
      names = "--burst",
      paramLabel = "N",
      description = "Packets that one loss takes in a row. Default: 1.")
  private Integer burst;

  @Option(
      names = "--jitter",
      paramLabel = "TIME",
      description = "Up to this much more delay, without reordering.")
  private String jitter;

  /** The link, or nothing for loopback; both directions have the same shape. */
  public Optional<LinkShape> shape() {
    if (rtt == null && loss == null && rate == null) {
      if (queue != null || burst != null || jitter != null) {
        throw new BenchFailure(
            "--queue, --burst and --jitter shape an emulated link: say --rtt, --loss or --rate too.");
      }
      return Optional.empty();
    }
    try {
      long rttNs = Quantity.durationNs(text(rtt, "0ms"));
      long bits = rate == null ? 0 : Quantity.bitsPerSecond(rate);
      long queueBytes = QueueSize.parse(text(queue, "1bdp")).bytes(bits, rttNs);
      return Optional.of(
          new LinkShape(
              rttNs / 2,
              Quantity.durationNs(text(jitter, "0ms")),
              Quantity.share(text(loss, "0%")),
              burst == null ? 1 : burst,
              bits,
              queueBytes));
    } catch (IllegalArgumentException e) {
      throw new BenchFailure(e.getMessage(), e);
    }
  }

  /** What the rows of a report say about the link. */
  public Map<String, Object> params() {
    Map<String, Object> params = new LinkedHashMap<>();
    if (shape().isEmpty()) {
      params.put("link", "loopback");
      return params;
    }
    params.put("rtt", text(rtt, "0ms"));
    params.put("loss", text(loss, "0%"));
    params.put("rate", text(rate, "unlimited"));
    params.put("queue", QueueSize.parse(text(queue, "1bdp")).toString());
    if (burst != null) {
      params.put("burst", burst);
    }
    if (jitter != null) {
      params.put("jitter", jitter);
    }
    return params;
  }

  private static String text(String given, String otherwise) {
    return given == null ? otherwise : given;
  }
}
