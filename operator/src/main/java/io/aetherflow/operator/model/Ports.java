package io.aetherflow.operator.model;

/** Port numbers of every pod; Quantum's are UDP, with gRPC over TCP on the same number. */
public final class Ports {
  public static final int GATEWAY = 8080;
  public static final int GATEWAY_TLS = 8443;

  /** Of the gateways' Service, and of what they call where a URL names none. */
  public static final int HTTPS = 443;

  public static final int HTTP = 80;

  public static final int SESSION = 9090;
  public static final int STATESYNC = 9091;
  public static final int HEALTH = 8081;
  public static final int METRICS = 9464;
  public static final int ETCD_CLIENT = 2379;
  public static final int ETCD_PEER = 2380;
  public static final int ETCD_METRICS = 2381;

  public static final int PROMETHEUS = 9090;
  public static final int ALERTMANAGER = 9093;
  public static final int GRAFANA = 3000;

  private Ports() {}
}
