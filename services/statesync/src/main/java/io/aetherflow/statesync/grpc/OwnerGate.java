package io.aetherflow.statesync.grpc;

import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.Outcome;
import io.aetherflow.statesync.document.Refusal;
import io.aetherflow.statesync.document.Refusal.Reason;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ShardHost;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Leads a unary call to its document, or answers where that is. Any thread. */
final class OwnerGate {
  private final ShardHost host;
  private final Loop loop;
  private final BooleanSupplier proven;

  /** What a call wants of its document. */
  interface Work<Q, A> {
    void run(DocumentState document, Q request, Consumer<Outcome<A>> answer);
  }

  /**
   * @param proven whether this instance may still believe that it owns its shards
   */
  OwnerGate(ShardHost host, Loop loop, BooleanSupplier proven) {
    this.host = host;
    this.loop = loop;
    this.proven = proven;
  }

  /** For calls that write: the log itself refuses those of a deposed owner. */
  <Q, A> void of(
      String id, Optional<Refusal> invalid, Answer<A> answer, Work<Q, A> work, Q request) {
    of(id, invalid, answer, document -> work.run(document, request, answer::give));
  }

  /** For calls that write. */
  void of(String id, Optional<Refusal> invalid, Answer<?> answer, Consumer<DocumentState> work) {
    Requests.document(id)
        .or(() -> invalid)
        .ifPresentOrElse(
            answer::refused,
            () ->
                loop.execute(() ->
                    host.with(
                        id, work, location -> answer.refused(Errors.notOwner(id, location)))));
  }

  /** For calls that read: refused while another may own the document. */
  void read(String id, Answer<?> answer, Consumer<DocumentState> work) {
    of(
        id,
        Optional.empty(),
        answer,
        document -> {
          if (proven.getAsBoolean()) {
            work.accept(document);
          } else {
            answer.refused(
                Refusal.of(
                    Reason.UNAVAILABLE,
                    "etcd does not answer; another instance may own the document by now"));
          }
        });
  }
}
