package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.AcquireLockRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.runtime.trace.Guuid;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.statesync.archive.SnapshotStore;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.util.Optional;
import java.util.regex.Pattern;

/** What requests must look like. Each check is empty when the request is in order. */
final class Requests {
  /** One segment and one append hold the largest operation with room for its frame. */
  static final int OPERATION_BYTES_MAX = 512 << 10;

  /** Bounds what one request pins until it is durable. */
  static final int REQUEST_BYTES_MAX = 1 << 20;

  static final int DRAFTS_MAX = 1_000;

  /** Bounds what an operation carries beside its data. */
  static final int TEXT_CHARS_MAX = 512;

  static final int LOCK_CHARS_MAX = 256;

  /** Shorter, and a pause of the owner would end the lock. */
  static final long TTL_MILLIS_MIN = 1_000;

  /** Against locks of clients that are gone. */
  static final long TTL_MILLIS_MAX = 300_000;

  /** Bounds what one operation has checked. */
  static final int TOKENS_MAX = 16;

  private static final Pattern DOCUMENT = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  private Requests() {}

  static Optional<Refusal> document(String id) {
    return DOCUMENT.matcher(id).matches()
        ? Optional.empty()
        : invalid("a document id is 1 to 128 of A-Z a-z 0-9 . _ : -");
  }

  static Optional<Refusal> text(String name, String value) {
    return value.length() <= TEXT_CHARS_MAX
        ? Optional.empty()
        : invalid(name + " has at most " + TEXT_CHARS_MAX + " characters");
  }

  static Optional<Refusal> apply(ApplyOperationsRequest request) {
    return document(request.getDocument())
        .or(() -> text("client_id", request.getClientId()))
        .or(() -> text("user", request.getUser()))
        .or(() -> request.getClientId().isEmpty() ? invalid("client_id is missing") : none())
        .or(() -> drafts(request));
  }

  private static Optional<Refusal> drafts(ApplyOperationsRequest request) {
    if (request.getOperationsCount() < 1 || request.getOperationsCount() > DRAFTS_MAX) {
      return invalid("a request has 1 to " + DRAFTS_MAX + " operations");
    }
    if (request.getSerializedSize() > REQUEST_BYTES_MAX) {
      return invalid("a request has at most " + REQUEST_BYTES_MAX + " bytes");
    }
    for (OperationDraft draft : request.getOperationsList()) {
      if (draft.getClientSeq() < 1) {
        return invalid("client_seq starts at 1");
      }
      if (draft.getLocksCount() > TOKENS_MAX) {
        return invalid("an operation names at most " + TOKENS_MAX + " locks");
      }
      if (draft.getData().size() > OPERATION_BYTES_MAX) {
        return invalid("the data of an operation has at most " + OPERATION_BYTES_MAX + " bytes");
      }
    }
    return none();
  }

  /** With the GUUID of the call, if it names no valid one itself. */
  static ApplyOperationsRequest traced(ApplyOperationsRequest request) {
    if (Guuid.valid(request.getGuuid())) {
      return request;
    }
    String current = Guuid.CURRENT.get();
    return request.toBuilder().setGuuid(current == null ? "" : current).build();
  }

  /** As a step of the unary call that brought it. */
  static ApplyOperationsRequest ofCall(ApplyOperationsRequest request) {
    Span call = Span.CURRENT.get();
    return call.recorded()
        ? request.toBuilder().setGuuid(Guuid.CURRENT.get()).setParentSpan(call.id()).build()
        : under(call, traced(request));
  }

  /**
   * For what is done under a step that serves it.
   *
   * @param span of the request's GUUID
   */
  static ApplyOperationsRequest under(Span span, ApplyOperationsRequest request) {
    return span.id() == request.getParentSpan()
        ? request
        : request.toBuilder().setParentSpan(span.id()).build();
  }

  static Optional<Refusal> state(DocumentContent state) {
    if (state.getSeq() < 1) {
      return invalid("a state is that of an operation: seq is at least 1");
    }
    return state.getData().size() > SnapshotStore.STATE_BYTES_MAX
        ? invalid("a state has at most " + SnapshotStore.STATE_BYTES_MAX + " bytes")
        : none();
  }

  static Optional<Refusal> lock(AcquireLockRequest request) {
    if (request.getClientId().isEmpty()) {
      return invalid("client_id is missing");
    }
    if (request.getLock().isEmpty() || request.getLock().length() > LOCK_CHARS_MAX) {
      return invalid("a lock's name has 1 to " + LOCK_CHARS_MAX + " characters");
    }
    long ttl = request.getTtlMillis();
    if (ttl != 0 && (ttl < TTL_MILLIS_MIN || ttl > TTL_MILLIS_MAX)) {
      return invalid("ttl_millis is " + TTL_MILLIS_MIN + " to " + TTL_MILLIS_MAX + ", or 0");
    }
    return text("client_id", request.getClientId()).or(() -> text("user", request.getUser()));
  }

  static Optional<Refusal> version(String name) {
    return DOCUMENT.matcher(name).matches()
        ? none()
        : invalid("a version's name is 1 to 128 of A-Z a-z 0-9 . _ : -");
  }

  static Optional<Refusal> restore(RestoreVersionRequest request) {
    if (request.getClientId().isEmpty() || request.getClientSeq() < 1) {
      return invalid("client_id is missing, or client_seq below 1");
    }
    if (request.getLocksCount() > TOKENS_MAX) {
      return invalid("a restore names at most " + TOKENS_MAX + " locks");
    }
    return version(request.getName())
        .or(() -> text("client_id", request.getClientId()))
        .or(() -> text("user", request.getUser()));
  }

  static Optional<Refusal> none() {
    return Optional.empty();
  }

  static Optional<Refusal> invalid(String sentence) {
    return Optional.of(Refusal.of(Reason.INVALID, sentence));
  }
}
