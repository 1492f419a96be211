package io.aetherflow.quantum.congestion;

/** The seven phases of one connection. */
final class Phases {
  final Startup startup = new Startup(this);
  final Drain drain = new Drain(this);
  final ProbeDown down = new ProbeDown(this);
  final ProbeCruise cruise = new ProbeCruise(this);
  final ProbeRefill refill = new ProbeRefill(this);
  final ProbeUp up = new ProbeUp(this);
  final ProbeRtt probeRtt = new ProbeRtt(this);
}
