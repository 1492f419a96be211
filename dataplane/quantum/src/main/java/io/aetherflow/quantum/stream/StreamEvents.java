package io.aetherflow.quantum.stream;

/** What became ready since the user was told last. Not thread-safe. */
final class StreamEvents {
  private final StreamQueue queue = new StreamQueue();
  private boolean streamsAvailable;

  /**
   * @param kind one of {@link QuantumStream}'s
   */
  void add(QuantumStream stream, int kind) {
    stream.events |= kind;
    if (!stream.inEvents) {
      stream.inEvents = true;
      queue.add(stream);
    }
  }

  /** More streams may be opened. */
  void addStreamsAvailable() {
    streamsAvailable = true;
  }

  boolean isEmpty() {
    return queue.isEmpty() && !streamsAvailable;
  }

  /** The listener's own calls may add events, which are told too. */
  void deliver(StreamListener listener) {
    if (streamsAvailable) {
      streamsAvailable = false;
      listener.onStreamsAvailable();
    }
    while (!queue.isEmpty()) {
      QuantumStream stream = queue.poll();
      stream.inEvents = false;
      int kinds = stream.events;
      stream.events = 0;
      deliver(stream, kinds, listener);
    }
  }

  private static void deliver(QuantumStream stream, int kinds, StreamListener listener) {
    if ((kinds & QuantumStream.OPENED) != 0) {
      listener.onOpened(stream);
    }
    if ((kinds & QuantumStream.READABLE) != 0) {
      listener.onReadable(stream);
    }
    if ((kinds & QuantumStream.RESET) != 0) {
      listener.onReset(stream);
    }
    if ((kinds & QuantumStream.STOPPED) != 0) {
      listener.onStopped(stream);
    }
    if ((kinds & QuantumStream.WRITABLE) != 0) {
      listener.onWritable(stream);
    }
    if ((kinds & QuantumStream.CLOSED) != 0) {
      listener.onClosed(stream);
    }
  }
}
