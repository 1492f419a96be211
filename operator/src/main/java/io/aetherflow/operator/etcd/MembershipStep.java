package io.aetherflow.operator.etcd;

/** One step towards the wanted members. */
public sealed interface MembershipStep {

  /** The members are as wanted. */
  record Nothing() implements MembershipStep {}

  /** Something has to happen first that no order can hasten. */
  record Wait(String why) implements MembershipStep {}

  /** Something for etcd. */
  record Order(EtcdCommand command) implements MembershipStep {}

  /** Start a pod anew, without the pause after its failures. */
  record RestartPod(String name) implements MembershipStep {}

  /** Delete a pod's volume, and the pod. */
  record DiscardVolume(String name) implements MembershipStep {}
}
