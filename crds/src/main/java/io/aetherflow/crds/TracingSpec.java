package io.aetherflow.crds;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Requests as spans of OpenTelemetry. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "self.endpoint.matches('" + HttpUrl.BASE_PATTERN + "')",
    message =
        "spec.tracing.endpoint must be the address of a collector that takes OTLP over HTTP,"
            + " without /v1/traces, for example http://collector.observability:4318")
public record TracingSpec(
    @JsonPropertyDescription(
            "A collector that takes OTLP over HTTP, for example"
                + " http://collector.observability:4318; spans go to /v1/traces there. gRPC, port"
                + " 4317, is not spoken.")
        @Required
        @Size(min = 1, max = HttpUrl.CHARS_MAX)
        String endpoint,
    @JsonPropertyDescription("Share of requests that is recorded.") @Default("10") @Min(0) @Max(100)
        Integer samplePercent) {}
