package io.aetherflow.operator.model;

/**
 * Names of a cluster's objects: the cluster's name before the names of the first design.
 *
 * @param etcdScheme how the cluster's own etcd is spoken to, {@code http} or {@code https}
 */
public record Names(String cluster, String namespace, String etcdScheme) {
  public static final String GATEWAY = "api-gateway";
  public static final String SESSION = "session-service";
  public static final String STATESYNC = "statesync-service";
  public static final String ETCD = "etcd";
  public static final String ETCD_BACKUP = "etcd-backup";
  public static final String ETCD_RESTORE = "etcd-restore";

  /** Name of the volume with etcd's snapshots. */
  public static final String SNAPSHOTS = "snapshots";

  public static final String PROMETHEUS = "prometheus";
  public static final String ALERTMANAGER = "alertmanager";
  public static final String GRAFANA = "grafana";

  public Names(String cluster, String namespace) {
    this(cluster, namespace, "http");
  }

  public String etcd() {
    return cluster + "-etcd";
  }

  public String etcdService() {
    return cluster + "-etcd-svc";
  }

  public String etcdHeadless() {
    return cluster + "-etcd-headless";
  }

  public String etcdBootstrap() {
    return cluster + "-etcd-bootstrap";
  }

  public String etcdMember(int ordinal) {
    return etcd() + "-" + ordinal;
  }

  /** Host name of a member, valid in every namespace. */
  public String etcdMemberHost(String member) {
    return member + "." + etcdHeadless() + "." + namespace + ".svc";
  }

  /** Where the other members reach a member. */
  public String etcdPeerUrl(String member) {
    return etcdScheme + "://" + etcdMemberHost(member) + ":" + Ports.ETCD_PEER;
  }

  /** Where clients reach a member. */
  public String etcdClientUrl(String member) {
    return etcdScheme + "://" + etcdMemberHost(member) + ":" + Ports.ETCD_CLIENT;
  }

  /** The volume claim of a member, as the StatefulSet controller names it. */
  public String etcdClaim(String member) {
    return "data-" + member;
  }

  public String etcdBackup() {
    return workload(ETCD_BACKUP);
  }

  /** The volume claim of the snapshots, as the StatefulSet controller names it. */
  public String snapshotClaim() {
    return SNAPSHOTS + "-" + etcdBackup() + "-0";
  }

  public String etcdRestore() {
    return workload(ETCD_RESTORE);
  }

  /** Certificates of members and clients, and the authorities to trust. */
  public String etcdCertificates() {
    return cluster + "-etcd-certs";
  }

  /** The authority's key, which nobody mounts. */
  public String etcdAuthority() {
    return cluster + "-etcd-ca";
  }

  public String quantumConfig() {
    return cluster + "-quantum-config";
  }

  public String jwtSecret() {
    return cluster + "-jwt-secret";
  }

  public String prometheusConfig() {
    return cluster + "-prometheus-config";
  }

  public String alertmanagerConfig() {
    return cluster + "-alertmanager-config";
  }

  public String grafanaDashboards() {
    return cluster + "-grafana-dashboards";
  }

  public String grafanaProvisioning() {
    return cluster + "-grafana-provisioning";
  }

  public String grafanaAdmin() {
    return cluster + "-grafana-admin";
  }

  public String workload(String component) {
    return cluster + "-" + component;
  }

  public String workloadService(String component) {
    return cluster + "-" + component + "-svc";
  }
}
