package io.aetherflow.local.schema;

/**
 * One reason why an object is invalid.
 *
 * @param field path such as {@code spec.replicas}
 * @param reason the API's cause type, e.g. {@code FieldValueInvalid}
 * @param message text after the field path, in the API server's words
 */
public record Problem(String field, String reason, String message) {

  public static Problem invalid(String field, String shown, String detail) {
    return new Problem(field, "FieldValueInvalid", "Invalid value: " + shown + ": " + detail);
  }

  public static Problem required(String field, String detail) {
    return new Problem(
        field, "FieldValueRequired", "Required value" + (detail.isEmpty() ? "" : ": " + detail));
  }

  public static Problem forbidden(String field, String detail) {
    return new Problem(field, "FieldValueForbidden", "Forbidden: " + detail);
  }
}
