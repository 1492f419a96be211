package io.aetherflow.operator.model;

import java.util.ArrayList;
import java.util.List;

/** Under which names the certificates of a cluster's etcd are valid. */
public final class CertificateHosts {
  private static final String CLUSTER_DOMAIN = ".cluster.local";

  private CertificateHosts() {}

  /**
   * Of all members that there can ever be, so that scaling asks for no new certificate. No
   * wildcard: a member looks up the names in its peer's certificate to find the peer's address
   * among them.
   */
  public static List<String> of(Names names) {
    List<String> hosts = new ArrayList<>();
    for (int i = 0; i < EffectiveSpec.ETCD_MEMBERS_MAX; i++) {
      String host = names.etcdMemberHost(names.etcdMember(i));
      hosts.add(host);
      hosts.add(host + CLUSTER_DOMAIN);
    }
    String service = names.etcdService() + "." + names.namespace() + ".svc";
    hosts.add(names.etcdService());
    hosts.add(names.etcdService() + "." + names.namespace());
    hosts.add(service);
    hosts.add(service + CLUSTER_DOMAIN);
    hosts.add("localhost");
    return hosts;
  }
}
