package io.aetherflow.operator.upgrade;

/** Parts of an upgrade, in order: who is called comes before who calls. */
public enum Stage {
  ETCD("Etcd"),
  SERVICES("Services"),
  GATEWAYS("Gateways"),
  SNAPSHOTS("Snapshots");

  private final String title;

  Stage(String title) {
    this.title = title;
  }

  /** As in the reasons of conditions. */
  public String title() {
    return title;
  }
}
