package io.aetherflow.gateway.hub;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.gateway.ws.ServerJson;
import io.aetherflow.gateway.yjs.YjsState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One part of what a document's operations up to a place amount to, encoded once for however many
 * sockets get it.
 */
public final class StateFrame {
  /** Caps one outgoing frame; a queue takes several. */
  static final int BYTES_MAX = 128 * 1024;

  private final DocumentContent content;
  private final int part;
  private final int parts;
  private String text;
  private Optional<YjsState> yjs;

  private StateFrame(DocumentContent content, int part, int parts) {
    this.content = content;
    this.part = part;
    this.parts = parts;
  }

  static List<StateFrame> of(DocumentContent content) {
    int parts = Math.max(1, Math.ceilDiv(content.getData().size(), BYTES_MAX));
    List<StateFrame> frames = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      frames.add(new StateFrame(content, part, parts));
    }
    return frames;
  }

  /** The whole, which all parts share. */
  public DocumentContent content() {
    return content;
  }

  public int part() {
    return part;
  }

  public int parts() {
    return parts;
  }

  /** The bytes of this part. */
  public ByteString data() {
    int from = part * BYTES_MAX;
    return content.getData().substring(from, Math.min(content.getData().size(), from + BYTES_MAX));
  }

  /** As a message of /ws. On the hub's thread. */
  public String text() {
    if (text == null) {
      text = ServerJson.state(this);
    }
    return text;
  }

  /** The whole for Yjs clients; empty when it is no Yjs update. As {@link #text()}. */
  public Optional<YjsState> yjs() {
    if (yjs == null) {
      yjs = YjsState.of(content.getData().toByteArray());
    }
    return yjs;
  }
}
