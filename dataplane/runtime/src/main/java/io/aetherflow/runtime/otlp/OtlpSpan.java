package io.aetherflow.runtime.otlp;

import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.SpanRef;
import io.opentelemetry.api.trace.StatusCode;
import java.util.HexFormat;

/** A recorded step. */
final class OtlpSpan implements Span {
  private final OtlpTracing tracing;
  private final SpanRef self;
  private final io.opentelemetry.api.trace.Span span;

  OtlpSpan(OtlpTracing tracing, String guuid, io.opentelemetry.api.trace.Span span) {
    this.tracing = tracing;
    this.span = span;
    this.self =
        new SpanRef(guuid, HexFormat.fromHexDigitsToLong(span.getSpanContext().getSpanId()));
  }

  @Override
  public long id() {
    return self.id();
  }

  @Override
  public Span child(Kind kind, String name) {
    return tracing.under(self, kind, name);
  }

  @Override
  public Span tag(String key, String value) {
    span.setAttribute(key, value);
    return this;
  }

  @Override
  public Span tag(String key, long value) {
    span.setAttribute(key, value);
    return this;
  }

  @Override
  public void end() {
    span.end();
  }

  @Override
  public void fail(String why) {
    span.setStatus(StatusCode.ERROR, why);
    span.end();
  }
}
