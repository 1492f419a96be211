package io.aetherflow.operator.upgrade;

/** What a component is to an upgrade; the order of the constants is the order of the steps. */
public enum Kind {
  ETCD(Stage.ETCD),
  SERVICE(Stage.SERVICES),
  /** A microservice of the user's, whose tags mean nothing to us. */
  OWN_SERVICE(Stage.SERVICES),
  GATEWAY(Stage.GATEWAYS),
  /** Of snapshots; last, so that a version without images does not end them. */
  KEEPER(Stage.SNAPSHOTS);

  private final Stage stage;

  Kind(Stage stage) {
    this.stage = stage;
  }

  public Stage stage() {
    return stage;
  }
}
