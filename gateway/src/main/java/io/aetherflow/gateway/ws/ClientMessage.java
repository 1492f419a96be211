package io.aetherflow.gateway.ws;

import com.google.protobuf.ByteString;
import java.util.Optional;
import java.util.OptionalLong;

/** What a client sends; {@code id} is echoed in the direct answer. */
sealed interface ClientMessage {
  OptionalLong id();

  /** {@code token} is empty when the handshake carried it. */
  record Hello(OptionalLong id, String token, Optional<Resume> resume) implements ClientMessage {}

  record Resume(String session, String token) {}

  record Auth(OptionalLong id, String token) implements ClientMessage {}

  record Ping(OptionalLong id) implements ClientMessage {}

  /** {@code fromSeq} 0: new operations only; {@code epoch} 0: none seen yet. */
  record AttachTo(OptionalLong id, String document, long epoch, long fromSeq)
      implements ClientMessage {}

  record Op(OptionalLong id, String document, long clientSeq, long baseSeq, ByteString data)
      implements ClientMessage {}

  record PresenceOf(OptionalLong id, String document, ByteString data) implements ClientMessage {}

  record DetachFrom(OptionalLong id, String document) implements ClientMessage {}
}
