package io.aetherflow.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.Set;

/**
 * Gives each meter of a pod the sentence that {@code # HELP} shows, from {@code
 * metric-help.properties}, and leaves out two whose names break the conventions of Prometheus.
 */
final class MetricHelp implements MeterFilter {
  /** {@code process.cpu.usage} and {@code jvm.threads} say as much. */
  private static final Set<String> MISNAMED = Set.of("process.cpu.time", "system.cpu.count");

  private final NamingConvention convention = new PrometheusNamingConvention();
  private final Properties help = new Properties();

  MetricHelp() {
    try (Reader in =
        new InputStreamReader(
            MetricHelp.class.getResourceAsStream("metric-help.properties"), UTF_8)) {
      help.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public MeterFilterReply accept(Meter.Id id) {
    return MISNAMED.contains(id.getName()) ? MeterFilterReply.DENY : MeterFilterReply.NEUTRAL;
  }

  @Override
  public Meter.Id map(Meter.Id id) {
    String name = id.getConventionName(convention);
    String text = help.getProperty(name.replaceFirst("_total$", ""));
    return text == null || id.getDescription() != null
        ? id
        : new Meter.Id(id.getName(), Tags.of(id.getTags()), id.getBaseUnit(), text, id.getType());
  }
}
