package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Gives Services their cluster addresses: .0.1 to .255.254 of one /16 network. */
final class Addresses {
  private static final int LAST = 255 * 256 + 254;

  private final Db db;
  private final String network;

  /**
   * @param network first two numbers, as in {@code 127.79}
   */
  Addresses(Db db, String network) {
    this.db = db;
    this.network = network;
  }

  /** Carries the allocated address over when a replacement leaves it out. */
  void keep(ObjectNode live, ObjectNode next) {
    ObjectNode spec = Json.child(next, "spec");
    for (String field : List.of("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")) {
      if (!spec.has(field) && live.path("spec").has(field)) {
        spec.set(field, live.get("spec").get(field));
      }
    }
  }

  void assign(Kind kind, ObjectNode object) {
    boolean service = kind.kind().equals("Service") && kind.group().isEmpty();
    if (!service || Json.text(object, "spec", "type").equals("ExternalName")) {
      return;
    }
    ObjectNode spec = Json.child(object, "spec");
    if (!spec.hasNonNull("clusterIP")) {
      spec.put("clusterIP", free());
    }
    if (!spec.has("clusterIPs")) {
      spec.putArray("clusterIPs").add(spec.get("clusterIP"));
      spec.putArray("ipFamilies").add("IPv4");
      spec.put("ipFamilyPolicy", "SingleStack");
    }
  }

  private String free() {
    Set<String> used = new HashSet<>();
    db.list("services", null).items().forEach(s -> used.add(Json.text(s, "spec", "clusterIP")));
    for (int n = 1; n <= LAST; n++) {
      String address = network + "." + n / 256 + "." + n % 256;
      if (!used.contains(address)) {
        return address;
      }
    }
    throw Errors.of(500, "InternalError", "no cluster address is free in " + network + ".0.0/16");
  }
}
