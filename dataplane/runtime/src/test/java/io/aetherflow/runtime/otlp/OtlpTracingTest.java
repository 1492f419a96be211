package io.aetherflow.runtime.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.aetherflow.runtime.PodIdentity;
import io.aetherflow.runtime.testing.OtlpReceiver;
import io.aetherflow.runtime.testing.OtlpReceiver.Told;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.Span.Kind;
import io.aetherflow.runtime.trace.SpanRef;
import io.aetherflow.runtime.trace.Tracing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Spans as a collector gets them. */
@Timeout(60)
class OtlpTracingTest {
  private final OtlpReceiver collector = new OtlpReceiver();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Guuid guuids = new Guuid(Clock.systemUTC(), new Random(1));

  @AfterEach
  void stop() {
    collector.close();
  }

  @Test
  void theFirstSpanHasTheGuuidForATraceIdAndTheOthersTheirParents() {
    String guuid = guuids.create();
    try (Tracing tracing = tracing(collector.options())) {
      Span first = tracing.begin(guuid, Kind.SERVER, "first");
      Span child = first.child(Kind.CLIENT, "child").tag("n", 7).tag("s", "seven");
      Span elsewhere = tracing.under(new SpanRef(guuid, child.id()), Kind.SERVER, "elsewhere");
      elsewhere.fail("why");
      child.end();
      first.end();
    }
    List<Told> told = collector.trace(guuid);
    assertThat(told).extracting(Told::name).containsExactly("elsewhere", "child", "first");
    assertThat(told).extracting(Told::service).containsOnly("session-service");
    assertThat(told.get(2).parent()).isEmpty();
    assertThat(told.get(1).parent()).isEqualTo(told.get(2).id());
    assertThat(told.get(0).parent()).isEqualTo(told.get(1).id());
    assertThat(told).extracting(Told::failed).containsExactly(true, false, false);
    assertThat(told.get(1).tags()).containsEntry("n", "7").containsEntry("s", "seven");
    assertThat(count("exported")).isEqualTo(3);
  }

  @Test
  void whatTheRatioLeavesOutCostsNothingAndNorDoWhatComesUnderIt() {
    try (Tracing tracing = tracing(new OtlpOptions(collector.options().endpoint(), 0))) {
      assertThat(tracing.begin(guuids.create(), Kind.SERVER, "first")).isSameAs(Span.NONE);
      assertThat(tracing.under(new SpanRef(guuids.create(), 0), Kind.SERVER, "second"))
          .isSameAs(Span.NONE);
    }
    assertThat(collector.requests()).isZero();
  }

  @Test
  void aCollectorThatFailsIsToldOnceAndCountedAndOnceItIsBack() {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(CountedExport.class);
    log.start();
    logger.addAppender(log);
    try (Tracing tracing = tracing(collector.options())) {
      collector.answerWith(400);
      for (int batch = 1; batch <= 3; batch++) {
        tracing.begin(guuids.create(), Kind.SERVER, "lost").end();
        int failed = batch;
        await().atMost(Duration.ofSeconds(20)).until(() -> count("failed") == failed);
      }
      assertThat(lines(log)).containsExactly("spans_not_exported");
      collector.answerWith(200);
      tracing.begin(guuids.create(), Kind.SERVER, "kept").end();
      await().atMost(Duration.ofSeconds(20)).until(() -> count("exported") == 1);
      await().until(() -> lines(log).size() == 2);
      assertThat(lines(log).getLast()).isEqualTo("spans_exported_again");
    } finally {
      logger.detachAppender(log);
    }
    assertThat(collector.spans()).extracting(Told::name).containsExactly("kept");
  }

  @Test
  void aCollectorThatHangsFillsABoundedQueueAndDelaysNobody() {
    int spans = 3 * OtlpTracing.WAITING_MAX;
    try (Hanging hanging = new Hanging();
        Tracing tracing = tracing(hanging.options())) {
      long startedNs = System.nanoTime();
      for (int i = 0; i < spans; i++) {
        tracing.begin(guuids.create(), Kind.SERVER, "span").end();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - startedNs)).isLessThan(hanging.timeout());
      assertThat(count("dropped")).isEqualTo(spans - OtlpTracing.WAITING_MAX);
    }
  }

  private Tracing tracing(OtlpOptions options) {
    PodIdentity pod =
        new PodIdentity(
            "pod-0",
            "default",
            "uid",
            "127.0.0.1",
            "127.0.0.1",
            "demo",
            "session-service",
            Clock.systemUTC().instant());
    return new OtlpTracing(options, pod, meters);
  }

  /** The actions of what was logged of this collector; another test's may still be closing. */
  private List<String> lines(ListAppender<ILoggingEvent> log) {
    String endpoint = collector.options().endpoint().toString();
    List<ILoggingEvent> events;
    synchronized (log) {
      events = List.copyOf(log.list);
    }
    return events.stream()
        .filter(event -> event.getFormattedMessage().contains(endpoint + " "))
        .map(event -> event.getKeyValuePairs().getFirst().value.toString())
        .toList();
  }

  private double count(String outcome) {
    return meters.counter("aetherflow.trace.spans", "outcome", outcome).count();
  }
}
