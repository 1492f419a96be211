package io.aetherflow.runtime.trace;

/**
 * A step of a request as others know it.
 *
 * @param guuid of the request
 * @param id of the step; 0 when the request is not recorded
 */
public record SpanRef(String guuid, long id) {
  public static final SpanRef NONE = new SpanRef("", 0);
}
