package io.aetherflow.quantum.sim;

import io.aetherflow.quantum.PeerAddress;
import io.aetherflow.quantum.connection.Connection;
import io.aetherflow.quantum.connection.ConnectionListener;
import io.aetherflow.quantum.connection.ConnectionState;
import io.aetherflow.quantum.endpoint.Endpoint;

/** One machine: an endpoint with a single connection, its clock and its link to the other one. */
final class SimNode {
  private final SimClock clock;
  private final byte[] out = new byte[1500];
  private final byte[] answer = new byte[1500];
  final Endpoint endpoint;
  final FlowLedger flow;
  final Ledger ledger;
  PeerAddress address;
  ConnectionListener listener;

  /** Counts bytes on the wire, if set. */
  WireBytes wire;

  Connection connection;
  SimLink link;
  SimNode peer;
  private long clockOffsetNs;
  private long wakeNs = Long.MAX_VALUE;
  long droppedToOldAddress;

  SimNode(SimClock clock, Endpoint endpoint, PeerAddress address, String name) {
    this.clock = clock;
    this.endpoint = endpoint;
    this.address = address;
    ledger = new Ledger(name);
    flow = new FlowLedger(name.equals("client"));
    endpoint.setTrace(ledger);
  }

  long nowNs() {
    return clock.nowNs() + clockOffsetNs;
  }

  /** The machine was asleep, or somebody set its clock, which may also go back. */
  void jump(long ns) {
    clockOffsetNs += ns;
    wakeNs = Long.MAX_VALUE;
    drive();
  }

  void connect(PeerAddress server) {
    connection = endpoint.connect(server, nowNs());
    drive();
  }

  private void onDatagram(byte[] datagram, PeerAddress from, PeerAddress to) {
    if (!to.equals(address)) {
      droppedToOldAddress++;
      return;
    }
    Connection taker = endpoint.onDatagram(from, datagram, 0, datagram.length, answer, nowNs());
    if (endpoint.answerBytes() > 0) {
      send(answer, endpoint.answerBytes(), from);
    }
    if (taker != null) {
      connection = connection == null ? taker : connection;
      drive();
    }
  }

  private void send(byte[] buf, int length, PeerAddress to) {
    PeerAddress from = address;
    link.send(buf, length, copy -> peer.onDatagram(copy, from, to));
  }

  /** Lets the connection speak, checks it, and sets the alarm. */
  void drive() {
    if (connection == null) {
      return;
    }
    connection.deliverEvents(listener);
    for (int n = connection.pollTransmit(nowNs(), out, 0);
        n > 0;
        n = connection.pollTransmit(nowNs(), out, 0)) {
      flow.onSent(out, n);
      if (wire != null) {
        wire.onSent(out, n);
      }
      send(out, n, connection.transmitTo());
    }
    ledger.check(connection);
    if (connection.state() == ConnectionState.CLOSED) {
      endpoint.remove(connection);
    }
    setAlarm();
  }

  private void setAlarm() {
    long atNs = connection.nextTimeoutNs();
    if (atNs == Long.MAX_VALUE || atNs >= wakeNs) {
      return;
    }
    wakeNs = atNs;
    clock.at(atNs - clockOffsetNs, () -> wake(atNs));
  }

  private void wake(long atNs) {
    if (atNs == wakeNs) {
      wakeNs = Long.MAX_VALUE;
      if (nowNs() >= connection.nextTimeoutNs()) {
        connection.onTimeout(nowNs());
      }
      drive();
    }
  }
}
