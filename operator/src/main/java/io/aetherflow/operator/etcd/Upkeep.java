package io.aetherflow.operator.etcd;

/**
 * What is being done about the size of the members' databases.
 *
 * @param noSpace whether a member refuses writes because its database has reached its quota
 * @param doing a sentence for the status, or empty when nothing is done and nothing is to be told
 */
public record Upkeep(boolean noSpace, String doing) {
  public static final Upkeep NONE = new Upkeep(false, "");
}
