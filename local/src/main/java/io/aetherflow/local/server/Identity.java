package io.aetherflow.local.server;

import java.util.List;

/** Who makes a request. */
public record Identity(String user, List<String> groups) {
  static final String MASTERS = "system:masters";

  static final Identity ADMIN = new Identity("kubernetes-admin", List.of(MASTERS));

  static Identity serviceAccount(String namespace, String name) {
    return new Identity(
        "system:serviceaccount:" + namespace + ":" + name,
        List.of(
            "system:serviceaccounts",
            "system:serviceaccounts:" + namespace,
            "system:authenticated"));
  }

  boolean admin() {
    return groups.contains(MASTERS);
  }
}
