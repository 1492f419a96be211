package io.aetherflow.statesync.document;

import java.util.Arrays;

/** Who wrote the last operations of a document, so that a repetition gets its place again. */
final class RecentPlaces {
  /** More than one gateway's clients may have unanswered in one document. */
  static final int PLACES_MAX = 8_192;

  private static final int PLACES_FIRST = 16;

  /** Told what is no longer remembered exactly. */
  interface Forgotten {
    void accept(long client, long clientSeq);
  }

  private long[] clients = new long[PLACES_FIRST];
  private long[] clientSeqs = new long[PLACES_FIRST];
  private int size;

  /** Remembers the operation at the next place. */
  void add(long client, long clientSeq, long seq, Forgotten forgotten) {
    if (size == clients.length && size < PLACES_MAX) {
      grow(seq);
    }
    int index = index(seq);
    if (size == clients.length) {
      forgotten.accept(clients[index], clientSeqs[index]);
    } else {
      size++;
    }
    clients[index] = client;
    clientSeqs[index] = clientSeq;
  }

  /** The place of a client's operation, or 0. */
  long find(long client, long clientSeq, long lastSeq) {
    for (long seq = lastSeq; seq > lastSeq - size; seq--) {
      int index = index(seq);
      if (clientSeqs[index] == clientSeq && clients[index] == client) {
        return seq;
      }
    }
    return 0;
  }

  int size() {
    return size;
  }

  /** Who wrote one of the last {@link #size} operations. */
  long client(long seq) {
    return clients[index(seq)];
  }

  long clientSeq(long seq) {
    return clientSeqs[index(seq)];
  }

  private void grow(long nextSeq) {
    long[] oldClients = clients;
    long[] oldClientSeqs = clientSeqs;
    int oldMask = oldClients.length - 1;
    clients = Arrays.copyOf(oldClients, oldClients.length * 2);
    clientSeqs = Arrays.copyOf(oldClientSeqs, oldClientSeqs.length * 2);
    for (long seq = nextSeq - size; seq < nextSeq; seq++) {
      clients[index(seq)] = oldClients[(int) (seq & oldMask)];
      clientSeqs[index(seq)] = oldClientSeqs[(int) (seq & oldMask)];
    }
  }

  private int index(long seq) {
    return (int) (seq & (clients.length - 1));
  }
}
