package io.aetherflow.operator.etcd;

/** One step in the care of the members' databases. */
sealed interface UpkeepStep {

  /** All is well. */
  record Nothing() implements UpkeepStep {}

  /** Nothing may be done now. */
  record Wait(String why) implements UpkeepStep {}

  /** Throw away the history of keys; what they are now stays. */
  record Compact() implements UpkeepStep {}

  /** Have one member write its database anew, without the gaps. It answers nothing meanwhile. */
  record Defragment(String member) implements UpkeepStep {}

  /** Admit writes again. */
  record Disarm() implements UpkeepStep {}

  /** It was all done and was not enough; a person has to act. */
  record Tell(String what) implements UpkeepStep {}
}
