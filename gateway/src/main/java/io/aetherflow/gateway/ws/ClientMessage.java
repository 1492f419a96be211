package io.aetherflow.gateway.ws;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.gateway.hub.Subscription.From;
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

  record AttachTo(OptionalLong id, String document, From from) implements ClientMessage {}

  record Op(OptionalLong id, String document, OperationDraft draft) implements ClientMessage {}

  /** {@code ttlMillis} 0: the usual. */
  record TakeLock(OptionalLong id, String document, String lock, long ttlMillis)
      implements ClientMessage {}

  record RenewLock(OptionalLong id, String document, String lock, long token)
      implements ClientMessage {}

  record GiveLock(OptionalLong id, String document, String lock, long token)
      implements ClientMessage {}

  record PresenceOf(OptionalLong id, String document, ByteString data) implements ClientMessage {}

  record DetachFrom(OptionalLong id, String document) implements ClientMessage {}
}
