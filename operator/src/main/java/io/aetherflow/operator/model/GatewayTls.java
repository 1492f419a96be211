package io.aetherflow.operator.model;

/**
 * HTTPS of the gateways, from a Secret of type {@code kubernetes.io/tls}.
 *
 * @param offered whether the Service has its port, which it gets once there is a certificate
 */
public record GatewayTls(String secretName, boolean offered) {
  public static final String CERTIFICATE_KEY = "tls.crt";
  public static final String KEY_KEY = "tls.key";
}
