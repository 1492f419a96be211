package io.aetherflow.bench.options;

import io.aetherflow.bench.BenchFailure;
import io.aetherflow.bench.lab.Site;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A transport under measurement with one choice of settings.
 *
 * @param name as in reports: {@code quantum}, {@code tcp}, {@code quic}, {@code kcp}, {@code floor}
 * @param variant what tells it from others of its name; may follow the name on the command line
 *     after a colon
 * @param params what a report says about it
 */
public record Subject(String name, String variant, Map<String, Object> params) {
  private static final String CONGESTION = "cc";
  private static final String SECURITY = "tls";

  /** The variants of a name are measured in this order. */
  private static final List<Subject> EMULATED =
      List.of(
          of("quantum", "plain", CONGESTION, "bbr3", SECURITY, "no"),
          of("quantum", "mtls", CONGESTION, "bbr3", SECURITY, "mtls"),
          of("tcp", "bbr", CONGESTION, "bbr", SECURITY, "no"),
          of("tcp", "cubic", CONGESTION, "cubic", SECURITY, "no"),
          of("quic", "cubic", CONGESTION, "cubic", SECURITY, "1.3"),
          of("quic", "bbr", CONGESTION, "bbr", SECURITY, "1.3"),
          of("kcp", "turbo", CONGESTION, "none", "fec", "10+3"),
          of("floor", "plain", "gso", "no"),
          of("floor", "gso", "gso", "yes"));

  public Subject {
    params = Map.copyOf(params);
  }

  private static Subject of(String name, String variant, String... pairs) {
    Map<String, Object> params = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      params.put(pairs[i], pairs[i + 1]);
    }
    return new Subject(name, variant, params);
  }

  /**
   * Those named, in that order; a name without a variant stands for all its variants.
   *
   * @param possible the names that the benchmark knows
   * @param loopback whether TCP has to take what congestion control the machine has
   */
  public static List<Subject> select(List<String> names, List<String> possible, boolean loopback) {
    List<Subject> all = new ArrayList<>(EMULATED);
    if (loopback) {
      String control = Site.Loopback.tcpCongestionControl();
      all.removeIf(subject -> subject.name.equals("tcp"));
      all.add(of("tcp", control, CONGESTION, control, SECURITY, "no"));
    }
    all.removeIf(subject -> !possible.contains(subject.name));
    List<Subject> selected = new ArrayList<>();
    for (String name : names) {
      List<Subject> matching =
          all.stream()
              .filter(subject -> name.equals(subject.name) || name.equals(subject.label()))
              .toList();
      if (matching.isEmpty()) {
        throw new BenchFailure(
            "There is no subject '"
                + name
                + "' here; known are "
                + String.join(", ", all.stream().map(Subject::label).toList())
                + ".");
      }
      selected.addAll(matching);
    }
    return selected;
  }

  /** Name and variant, such as {@code quic:bbr}. */
  public String label() {
    return name + ":" + variant;
  }

  /** Name of its congestion control; a floor has none. */
  public String congestion() {
    return (String) params.getOrDefault(CONGESTION, "none");
  }

  /** What the child JVMs need to know. */
  public Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("subject", name);
    config.put("variant", variant);
    config.put("congestion", congestion());
    return config;
  }
}
