package io.aetherflow.gateway.yjs;

import java.util.List;

/** The messages of y-protocols over y-websocket, one per frame. */
public sealed interface YjsMessage {
  /** The state vector of the asking side. */
  record SyncStep1(byte[] vector) implements YjsMessage {}

  /** Answers step 1. */
  record SyncStep2(byte[] update) implements YjsMessage {}

  record Update(byte[] update) implements YjsMessage {}

  record Awareness(List<AwarenessState> states) implements YjsMessage {}

  record QueryAwareness() implements YjsMessage {}

  int SYNC = 0;
  int AWARENESS = 1;
  int AUTH = 2;
  int QUERY_AWARENESS = 3;

  static YjsMessage parse(byte[] frame) throws MalformedException {
    VarReader in = new VarReader(frame);
    long type = in.varUint();
    YjsMessage message =
        switch ((int) type) {
          case SYNC -> sync(in);
          case AWARENESS -> new Awareness(AwarenessState.parse(in.varBytes()));
          case QUERY_AWARENESS -> new QueryAwareness();
          default -> throw new MalformedException("unknown type of message " + type);
        };
    in.mustBeAtEnd();
    return message;
  }

  private static YjsMessage sync(VarReader in) throws MalformedException {
    long step = in.varUint();
    return switch ((int) step) {
      case 0 -> new SyncStep1(in.varBytes());
      case 1 -> new SyncStep2(in.varBytes());
      case 2 -> new Update(in.varBytes());
      default -> throw new MalformedException("unknown sync message " + step);
    };
  }

  static byte[] syncStep1(byte[] vector) {
    return new VarWriter().varUint(SYNC).varUint(0).varBytes(vector).bytes();
  }

  /** Step 2 with an update that holds nothing: what there was has been sent already. */
  static byte[] emptySyncStep2() {
    return new VarWriter().varUint(SYNC).varUint(1).varBytes(new byte[2]).bytes();
  }

  static byte[] update(byte[] update) {
    return new VarWriter().varUint(SYNC).varUint(2).varBytes(update).bytes();
  }

  static byte[] awareness(List<AwarenessState> states) {
    return new VarWriter().varUint(AWARENESS).varBytes(AwarenessState.encode(states)).bytes();
  }

  static byte[] permissionDenied(String reason) {
    return new VarWriter().varUint(AUTH).varUint(0).varString(reason).bytes();
  }
}
