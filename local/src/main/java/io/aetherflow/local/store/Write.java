package io.aetherflow.local.store;

import java.util.ArrayList;
import java.util.List;

/**
 * How one write is to be made.
 *
 * @param manager field manager that owns what the write changes
 * @param subresource empty, {@code status} or {@code scale}
 * @param dryRun validate and answer, but store nothing
 * @param validation what to do about undeclared fields
 * @param warnings filled with texts for the client
 */
public record Write(
    String manager,
    String subresource,
    boolean dryRun,
    Validation validation,
    List<String> warnings) {

  /** The {@code fieldValidation} query parameter. */
  public enum Validation {
    IGNORE,
    WARN,
    STRICT
  }

  /** Controllers in this process, named as their counterpart in a real cluster. */
  public static Write internal(String subresource) {
    return new Write(
        "kube-controller-manager", subresource, false, Validation.IGNORE, new ArrayList<>());
  }

  public boolean status() {
    return subresource.equals("status");
  }
}
