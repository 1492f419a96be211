package io.aetherflow.gateway.ws;

import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.yjs.AwarenessRoom;
import io.aetherflow.gateway.yjs.AwarenessState;
import io.aetherflow.gateway.yjs.MalformedException;
import io.aetherflow.gateway.yjs.YjsMessage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The awareness rooms of the documents with Yjs sockets here. Between gateways awareness travels as
 * presence whose data is a y-protocols message; those of /ws are JSON text, which starts higher.
 * Thread-safe.
 */
final class AwarenessRooms {
  /** Asks the other gateways who is there. */
  static final byte[] QUERY = {(byte) YjsMessage.QUERY_AWARENESS};

  /** A gateway answers a document's queries once in this time, however many clients join. */
  private static final long ANSWER_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final LongSupplier nowNs;
  private final Map<String, Room> rooms = new ConcurrentHashMap<>();

  private static final class Room {
    final AwarenessRoom states;
    final AtomicLong answeredNs;

    /** The hub hands one presence to every socket in turn; it is judged once. */
    Presence judged;

    boolean news;

    Room(LongSupplier nowNs) {
      states = new AwarenessRoom(nowNs);
      answeredNs = new AtomicLong(nowNs.getAsLong() - ANSWER_AGAIN_NS);
    }
  }

  AwarenessRooms(LongSupplier nowNs) {
    this.nowNs = nowNs;
  }

  static boolean isYjs(byte[] data) {
    return data.length > 0 && (data[0] == YjsMessage.AWARENESS || isQuery(data));
  }

  static boolean isQuery(byte[] data) {
    return data.length == 1 && data[0] == YjsMessage.QUERY_AWARENESS;
  }

  void join(String document, String session) {
    rooms.compute(
        document,
        (_, known) -> {
          Room room = known == null ? new Room(nowNs) : known;
          room.states.join(session);
          return room;
        });
  }

  List<AwarenessState> leave(String document, String session) {
    Room room = rooms.get(document);
    List<AwarenessState> left = room == null ? List.of() : room.states.leave(session);
    rooms.computeIfPresent(document, (_, each) -> each.states.isEmpty() ? null : each);
    return left;
  }

  List<AwarenessState> apply(String document, String session, List<AwarenessState> states) {
    Room room = rooms.get(document);
    return room == null ? List.of() : room.states.apply(session, states);
  }

  List<AwarenessState> states(String document) {
    Room room = rooms.get(document);
    return room == null ? List.of() : room.states.states();
  }

  boolean isLocal(String document, String session) {
    Room room = rooms.get(document);
    return room != null && room.states.isLocal(session);
  }

  /** What to answer to a query, by session; nothing when it was answered a moment ago. */
  Map<String, List<AwarenessState>> answers(String document) {
    Room room = rooms.get(document);
    if (room == null) {
      return Map.of();
    }
    long now = nowNs.getAsLong();
    long before = room.answeredNs.get();
    boolean due = now - before >= ANSWER_AGAIN_NS && room.answeredNs.compareAndSet(before, now);
    return due ? room.states.localStates() : Map.of();
  }

  /** Whether a presence tells something new. Called on the hub's thread only. */
  boolean heard(Presence presence) {
    Room room = rooms.get(presence.getDocument());
    if (room == null) {
      return false;
    }
    if (room.judged != presence) {
      room.judged = presence;
      room.news = room.states.isLocal(presence.getClientId()) || isNews(room, presence);
    }
    return room.news;
  }

  private static boolean isNews(Room room, Presence presence) {
    try {
      return YjsMessage.parse(presence.getData().toByteArray())
              instanceof YjsMessage.Awareness(List<AwarenessState> states)
          && !room.states.apply(presence.getClientId(), states).isEmpty();
    } catch (MalformedException e) {
      return false;
    }
  }
}
