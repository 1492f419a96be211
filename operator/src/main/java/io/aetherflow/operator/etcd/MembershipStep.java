package io.aetherflow.operator.etcd;

/** One step towards the wanted members. */
public sealed interface MembershipStep {

  /** The members are as wanted. */
  record Nothing() implements MembershipStep {}

  /** Something has to happen first that no order can hasten. */
  record Wait(String why) implements MembershipStep {}

  /** Something for etcd. */
  record Order(EtcdCommand command) implements MembershipStep {}

  /** Fill the first member's volume with a snapshot. */
  record Restore(String snapshot) implements MembershipStep {}

  /** The snapshot could not be restored, and somebody has to see to it. */
  record RestoreFailed(String why) implements MembershipStep {}

  /** Start a pod anew, without the pause after its failures. */
  record RestartPod(String name) implements MembershipStep {}

  /**
   * Delete a pod's volume, and the pod; once for each id, or the new volume would go too.
   *
   * @param id of the member that the pod is, or is to become
   */
  record DiscardVolume(String name, String id) implements MembershipStep {}
}
