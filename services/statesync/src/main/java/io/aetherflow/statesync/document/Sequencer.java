package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.Operation;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives operations their place in one document: 1, 2, 3, ... without a hole, and the same place
 * again to a client that repeats itself. Not thread-safe.
 */
public final class Sequencer {
  /** Bounds what strangers' client ids can pin; the longest silent client is forgotten first. */
  static final int CLIENTS_MAX = 1_000;

  /** How far back a client may repeat itself; more than it may have in flight. */
  static final int REPEATS_PER_CLIENT_MAX = 256;

  /** What became of a draft. */
  public sealed interface Placed {}

  /** It is new and gets this place. */
  public record Fresh(long seq) implements Placed {}

  /** It was stored before, at this place. */
  public record Repeated(long seq) implements Placed {}

  /** It is too old to tell whether it was stored: refused, lest it be stored twice. */
  public record Stale(long forgottenClientSeq) implements Placed {}

  private static final class Places {
    private final Map<Long, Long> seqs = new LinkedHashMap<>();
    private long forgottenClientSeq;

    void remember(long clientSeq, long seq) {
      seqs.put(clientSeq, seq);
      if (seqs.size() > REPEATS_PER_CLIENT_MAX) {
        long oldest = seqs.keySet().iterator().next();
        seqs.remove(oldest);
        forgottenClientSeq = Math.max(forgottenClientSeq, oldest);
      }
    }
  }

  private final Map<String, Places> clients = new LinkedHashMap<>(16, 0.75f, true);
  private long head;

  /** The last place given; 0 before the first. */
  public long head() {
    return head;
  }

  /**
   * Places a draft. A client may send a refused draft again after later ones were stored, so a
   * number below the last is not a repetition in itself.
   */
  public Placed place(String clientId, long clientSeq) {
    Places places = clients.get(clientId);
    if (places != null) {
      Long seq = places.seqs.get(clientSeq);
      if (seq != null) {
        return new Repeated(seq);
      }
      if (clientSeq <= places.forgottenClientSeq) {
        return new Stale(places.forgottenClientSeq);
      }
    }
    head++;
    remember(clientId, clientSeq);
    return new Fresh(head);
  }

  /**
   * Takes in an operation from the log.
   *
   * @throws IllegalStateException when it does not follow the one before: the log has a hole
   */
  public void replay(Operation operation) {
    if (operation.getSeq() != head + 1) {
      throw new IllegalStateException(
          "the log has a hole: operation " + operation.getSeq() + " follows " + head);
    }
    head = operation.getSeq();
    remember(operation.getClientId(), operation.getClientSeq());
  }

  private void remember(String clientId, long clientSeq) {
    clients.computeIfAbsent(clientId, id -> new Places()).remember(clientSeq, head);
    if (clients.size() > CLIENTS_MAX) {
      clients.remove(clients.keySet().iterator().next());
    }
  }
}
