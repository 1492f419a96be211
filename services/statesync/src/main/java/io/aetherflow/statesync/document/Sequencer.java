package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.DocumentSnapshot;
import io.aetherflow.api.statesync.v1.Operation;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gives operations their place in one document: 1, 2, 3, ... without a hole, and the same place
 * again to a client that repeats itself. Not thread-safe.
 *
 * <p>A place counts as the document's only when its commit is known: {@link #head} is what is
 * durable, {@link #placed} what has been given out. An owner that loses its shard in between drops
 * the whole sequencer, and the next owner builds its own from the log.
 *
 * <p>Memory: 16 bytes for each of the last {@value RecentPlaces#PLACES_MAX} operations and 48 for
 * each client that ever wrote, at most {@value Clients#CLIENTS_MAX}.
 */
public final class Sequencer {
  /** Repetitions that are known exactly behind the log's beginning. */
  private static final int SNAPSHOT_PLACES_MAX = 1_024;

  /** What became of a draft. */
  public sealed interface Placed {}

  /** It is new and gets this place. */
  public record Fresh(long seq) implements Placed {}

  /** It has this place already; durable once the head has reached it. */
  public record Repeated(long seq) implements Placed {}

  /** It is too old to tell whether it was stored: refused, lest it be stored twice. */
  public record Stale(long forgottenClientSeq) implements Placed {}

  /** The document remembers as many clients as it can: refused, lest one be forgotten. */
  public record Crowded() implements Placed {}

  private final Clients clients = new Clients();
  private final RecentPlaces recent = new RecentPlaces();
  private long head;
  private long placed;

  /** Who was asked for last, and its hash: a request asks for the same client several times. */
  private String lastClientId;

  private long lastHash;

  /** The last durable place; 0 before the first. */
  public long head() {
    return head;
  }

  /** The last place given, durable or not. */
  public long placed() {
    return placed;
  }

  /** How many clients ever wrote. */
  int clients() {
    return clients.size();
  }

  /** What {@link #place} would say, without giving the place. */
  public Placed look(String clientId, long clientSeq) {
    return look(hash(clientId), clientSeq);
  }

  /**
   * Places a draft. A client may send a refused draft again after later ones were stored, so a
   * number below the last is not a repetition in itself.
   */
  public Placed place(String clientId, long clientSeq) {
    long client = hash(clientId);
    Placed found = look(client, clientSeq);
    if (found instanceof Fresh(long seq)) {
      take(client, clientSeq, seq);
    }
    return found;
  }

  private long hash(String clientId) {
    if (!clientId.equals(lastClientId)) {
      lastClientId = clientId;
      lastHash = Clients.hash(clientId);
    }
    return lastHash;
  }

  private Placed look(long client, long clientSeq) {
    int slot = clients.find(client);
    if (slot < 0) {
      return clients.full() ? new Crowded() : new Fresh(placed + 1);
    }
    if (clientSeq > clients.last(slot)) {
      return new Fresh(placed + 1);
    }
    long seq = recent.find(client, clientSeq, placed);
    if (seq > 0) {
      return new Repeated(seq);
    }
    long forgotten = clients.forgotten(slot);
    return clientSeq <= forgotten ? new Stale(forgotten) : new Fresh(placed + 1);
  }

  /** Everything up to this place is durable. */
  public void committed(long seq) {
    if (seq <= head || seq > placed) {
      throw new IllegalStateException(
          "commit of " + seq + " with head " + head + " and " + placed + " placed");
    }
    head = seq;
  }

  /**
   * Takes in an operation from the log.
   *
   * @throws IllegalStateException when it does not follow the one before: the log has a hole
   */
  public void replay(Operation operation) {
    if (operation.getSeq() != placed + 1) {
      throw new IllegalStateException(
          "the log has a hole: operation " + operation.getSeq() + " follows " + placed);
    }
    take(hash(operation.getClientId()), operation.getClientSeq(), operation.getSeq());
    head = placed;
  }

  /** What a sequencer that begins after a durable place must know of those before. */
  DocumentSnapshot.Builder snapshotAt(long seq) {
    long oldest = Math.max(placed - recent.size(), seq - SNAPSHOT_PLACES_MAX) + 1;
    Map<Long, Long> forgotten = new LinkedHashMap<>();
    clients.forEach(forgotten::put);
    for (long each = placed - recent.size() + 1; each < oldest; each++) {
      forgotten.merge(recent.client(each), recent.clientSeq(each), Math::max);
    }
    DocumentSnapshot.Builder snapshot = DocumentSnapshot.newBuilder();
    Map<Long, Integer> indexes = new HashMap<>();
    forgotten.forEach((client, clientSeq) -> {
      indexes.put(client, indexes.size());
      snapshot.addClients(client).addForgotten(clientSeq);
    });
    for (long each = oldest; each <= seq; each++) {
      snapshot
          .addRecentClients(indexes.get(recent.client(each)))
          .addRecentClientSeqs(recent.clientSeq(each));
    }
    return snapshot;
  }

  /** Begins after the archived operations, before the first {@link #replay}. */
  void restore(DocumentSnapshot snapshot) {
    if (placed != 0) {
      throw new IllegalStateException("operations were placed already");
    }
    for (int i = 0; i < snapshot.getClientsCount(); i++) {
      int slot = clients.findOrAdd(snapshot.getClients(i));
      clients.wrote(slot, snapshot.getForgotten(i));
      clients.forgot(slot, snapshot.getForgotten(i));
    }
    placed = snapshot.getArchivedSeq() - snapshot.getRecentClientsCount();
    for (int i = 0; i < snapshot.getRecentClientsCount(); i++) {
      take(
          snapshot.getClients(snapshot.getRecentClients(i)),
          snapshot.getRecentClientSeqs(i),
          placed + 1);
    }
    head = placed;
  }

  private void take(long client, long clientSeq, long seq) {
    placed = seq;
    int slot = clients.findOrAdd(client);
    clients.wrote(slot, clientSeq);
    recent.add(
        client,
        clientSeq,
        seq,
        (oldClient, oldClientSeq) -> clients.forgot(clients.find(oldClient), oldClientSeq));
  }
}
