package io.aetherflow.quantum.connection;

import io.aetherflow.quantum.stream.StreamListener;

/** What a connection tells its user, from {@link Connection#deliverEvents} only. */
public interface ConnectionListener extends StreamListener {
  /** The handshake is done. */
  void onEstablished();

  /** The connection is over; nothing follows. Told as soon as streams can move no more. */
  void onClosed(CloseReason reason);
}
