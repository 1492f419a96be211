package io.aetherflow.operator.model;

/** Where pods listen. */
public enum Listen {
  /** On all addresses, as pods of a Kubernetes cluster do. */
  ANY,
  /** On the pod's own address, where pods share one network stack. */
  POD_IP;

  /**
   * @param text {@code Any} or {@code PodIP}, the operator's {@code POD_LISTEN}
   */
  public static Listen parse(String text) {
    return switch (text) {
      case "Any" -> ANY;
      case "PodIP" -> POD_IP;
      default ->
          throw new IllegalArgumentException(
              "POD_LISTEN is '" + text + "'; it must be Any or PodIP");
    };
  }
}
