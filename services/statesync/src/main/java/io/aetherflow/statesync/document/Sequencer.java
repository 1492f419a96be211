package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.Operation;
import java.util.ArrayDeque;
import java.util.Deque;
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

  /** It is older than what is remembered of this client, or leaves others of it out of order. */
  public record Stale(long lastClientSeq) implements Placed {}

  private record Place(long clientSeq, long seq) {}

  private final Map<String, Deque<Place>> clients = new LinkedHashMap<>(16, 0.75f, true);
  private long head;

  /** The last place given; 0 before the first. */
  public long head() {
    return head;
  }

  public Placed place(String clientId, long clientSeq) {
    Deque<Place> places = clients.get(clientId);
    if (places != null && clientSeq <= places.getLast().clientSeq()) {
      for (Place place : places) {
        if (place.clientSeq() == clientSeq) {
          return new Repeated(place.seq());
        }
      }
      return new Stale(places.getLast().clientSeq());
    }
    head++;
    remember(clientId, new Place(clientSeq, head));
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
    remember(operation.getClientId(), new Place(operation.getClientSeq(), head));
  }

  private void remember(String clientId, Place place) {
    Deque<Place> places = clients.computeIfAbsent(clientId, id -> new ArrayDeque<>());
    places.addLast(place);
    if (places.size() > REPEATS_PER_CLIENT_MAX) {
      places.removeFirst();
    }
    if (clients.size() > CLIENTS_MAX) {
      clients.remove(clients.keySet().iterator().next());
    }
  }
}
