package io.aetherflow.quantum.congestion;

/**
 * A state of BBR's machine (section "State Machine"). {@link #onAck} looks at the model and either
 * stays or takes one of the events below, which name the phase that follows; an event that a phase
 * does not know is a defect. One instance per connection, entered again and again. Not thread-safe.
 */
abstract sealed class Phase
    permits Startup, Drain, ProbeDown, ProbeCruise, ProbeRefill, ProbeUp, ProbeRtt {
  /** The cap of phases that no bound concerns. */
  static final long UNCAPPED = Bounds.INFINITE;

  /** The least window gain with which the rate can double each round (BBR.DefaultCwndGain). */
  private static final int WINDOW_GAIN_PERCENT = 200;

  final Phases phases;

  Phase(Phases phases) {
    this.phases = phases;
  }

  abstract String label();

  abstract int pacingGainPercent();

  int windowGainPercent() {
    return WINDOW_GAIN_PERCENT;
  }

  /** Packets that the window allows beyond the model's volume. */
  int burstPackets() {
    return 0;
  }

  /** Most bytes in flight that the bounds allow. */
  abstract long windowCapBytes(PathModel model);

  /** Whether the phase pushes for more, so that its losses are lessons and not signals. */
  boolean isProbing() {
    return false;
  }

  /** Whether the phase belongs to ProbeBW. */
  boolean isProbeBw() {
    return false;
  }

  void enter(PathModel model, long nowNs) {}

  /** The phase after an acknowledgement, this one or another. */
  abstract Phase onAck(PathModel model, long nowNs);

  /** Sending faster no longer delivers faster, or losses say so. */
  Phase onPipeFull() {
    throw illegal("pipe full");
  }

  /** The queue that Startup built is gone, or it had its time. */
  Phase onDrained() {
    throw illegal("drained");
  }

  /**
   * Less is in flight than the path holds, with room for others, or the probe's part is taken back.
   */
  Phase onHeadroom() {
    throw illegal("headroom");
  }

  /** It is time to look for more bandwidth. */
  Phase onProbeDue() {
    throw illegal("probe due");
  }

  /** The pipe has been full for a round. */
  Phase onRefilled() {
    throw illegal("refilled");
  }

  /** The probe found what there is, or stopped out of precaution. */
  Phase onProbeEnd() {
    throw illegal("probe end");
  }

  /** A probe's packets met with too much loss. */
  Phase onLossTooHigh() {
    throw illegal("loss too high");
  }

  /** The minimum RTT has not been confirmed for too long. */
  Phase onRttProbeDue() {
    throw illegal("rtt probe due");
  }

  /** The minimum RTT was measured, on a path whose bandwidth is known. */
  Phase onRttProbed() {
    throw illegal("rtt probed");
  }

  /** The minimum RTT was measured before the bandwidth was found. */
  Phase onRttProbedEarly() {
    throw illegal("rtt probed early");
  }

  private IllegalStateException illegal(String event) {
    return new IllegalStateException(label() + " knows no event: " + event);
  }
}
