package io.aetherflow.gateway.yjs;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.aetherflow.gateway.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * One client's awareness (y-protocols, awareness.js).
 *
 * @param client the Yjs client id
 * @param state JSON; {@code null} as text when the client is gone
 */
public record AwarenessState(long client, long clock, String state) {
  /** A client speaks for itself and repeats what it heard; more is an attack on memory. */
  static final int STATES_MAX = 1_024;

  public boolean gone() {
    return state.equals("null");
  }

  public AwarenessState asGone() {
    return new AwarenessState(client, clock, "null");
  }

  public static List<AwarenessState> parse(byte[] update) throws MalformedException {
    VarReader in = new VarReader(update);
    long count = in.varUint();
    if (count > STATES_MAX) {
      throw new MalformedException("more than " + STATES_MAX + " awareness states");
    }
    List<AwarenessState> states = new ArrayList<>();
    for (; count > 0; count--) {
      AwarenessState state = new AwarenessState(in.varUint(), in.varUint(), in.varString());
      try {
        Json.MAPPER.readTree(state.state());
      } catch (JsonProcessingException e) {
        throw new MalformedException("awareness is not JSON");
      }
      states.add(state);
    }
    in.mustBeAtEnd();
    return states;
  }

  public static byte[] encode(Collection<AwarenessState> states) {
    VarWriter out = new VarWriter().varUint(states.size());
    states.forEach(
        each -> out.varUint(each.client()).varUint(each.clock()).varString(each.state()));
    return out.bytes();
  }
}
