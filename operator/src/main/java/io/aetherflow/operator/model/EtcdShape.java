package io.aetherflow.operator.model;

/**
 * How far etcd's members are, which the resource alone cannot tell.
 *
 * @param pods how many the StatefulSet has
 * @param bootstrap what a member that starts without data is told
 */
public record EtcdShape(int pods, Bootstrap bootstrap, EtcdCertificates certificates) {

  public EtcdShape(int pods, Bootstrap bootstrap) {
    this(pods, bootstrap, EtcdCertificates.NONE);
  }

  /** A cluster that has yet to form, with all its members at once. */
  public static EtcdShape fresh(Names names, int members) {
    return new EtcdShape(members, Bootstrap.forming(names, members));
  }

  public EtcdShape with(EtcdCertificates now) {
    return new EtcdShape(pods, bootstrap, now);
  }
}
