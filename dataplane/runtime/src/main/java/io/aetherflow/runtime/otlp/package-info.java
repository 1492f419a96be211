/** Spans to a collector of OpenTelemetry; the only place that knows its SDK. */
package io.aetherflow.runtime.otlp;
