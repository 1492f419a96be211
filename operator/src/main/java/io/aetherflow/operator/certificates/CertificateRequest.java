package io.aetherflow.operator.certificates;

import java.time.Duration;
import java.util.List;

/**
 * What a resource asks of its certificates.
 *
 * @param cluster "namespace/name", for the subjects
 * @param hosts names under which members are reached
 * @param leafLifetime of server, peer and client certificates
 * @param authorityLifetime of the authority that signs them
 * @param renewLeaves a text whose change asks for new leaves now, or empty
 * @param renewAuthority a text whose change asks for a new authority now, or empty
 */
public record CertificateRequest(
    String cluster,
    List<String> hosts,
    Duration leafLifetime,
    Duration authorityLifetime,
    String renewLeaves,
    String renewAuthority) {

  public CertificateRequest {
    hosts = List.copyOf(hosts);
  }
}
