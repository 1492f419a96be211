package io.aetherflow.statesync.document;

import com.google.protobuf.Timestamp;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.statesync.document.DocumentStore.Absent;
import io.aetherflow.statesync.document.DocumentStore.Deleted;
import io.aetherflow.statesync.document.DocumentStore.Live;
import io.aetherflow.statesync.document.DocumentStore.NotOurs;
import io.aetherflow.statesync.document.DocumentStore.Stored;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The stored description of one document, read once and then kept, for only the owner writes it.
 * Requests are carried out one after the other. Loop only.
 */
final class DocumentMeta {
  /** Bounds requests that wait for etcd; further ones are refused. */
  private static final int WAITING_MAX = 1_024;

  private final String id;
  private final DocumentStore.Fence fence;
  private final ShardContext context;
  private final Runnable onNotOurs;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(2);
  private Stored known;
  private boolean busy;

  /**
   * @param onNotOurs called when the store knows another owner
   */
  DocumentMeta(String id, DocumentStore.Fence fence, ShardContext context, Runnable onNotOurs) {
    this.id = id;
    this.fence = fence;
    this.context = context;
    this.onNotOurs = onNotOurs;
  }

  boolean idle() {
    return !busy && waiting.isEmpty();
  }

  void get(Consumer<Outcome<Document>> answer) {
    afterOthers(answer, () -> loaded(answer, () -> answer.accept(outcome())));
  }

  /** The description, made on the spot for a document that has none yet. */
  void getOrCreate(String user, Consumer<Outcome<Document>> answer) {
    afterOthers(
        answer,
        () ->
            loaded(
                answer,
                () -> {
                  if (known instanceof Absent) {
                    Document document = Document.newBuilder().setId(id).setCreateUser(user).build();
                    store(answer, document, () -> answer.accept(outcome()));
                  } else {
                    answer.accept(outcome());
                  }
                }));
  }

  void create(Document document, Consumer<Outcome<Document>> answer) {
    afterOthers(
        answer,
        () ->
            loaded(
                answer,
                () -> {
                  switch (known) {
                    case Absent() ->
                        store(answer, document, () -> answer.accept(created(document)));
                    case Live live -> answer.accept(taken("document " + id + " exists"));
                    case Deleted() ->
                        answer.accept(
                            taken("document " + id + " was deleted; its id is not used again"));
                    case NotOurs() -> answer.accept(outcome());
                  }
                }));
  }

  void delete(Consumer<Outcome<Document>> answer) {
    afterOthers(
        answer,
        () ->
            loaded(
                answer,
                () -> {
                  if (known instanceof Live(Document document)) {
                    step(
                        answer,
                        () -> context.store().delete(id, fence),
                        () ->
                            answer.accept(
                                known instanceof Deleted ? new Done<>(document) : outcome()));
                  } else {
                    answer.accept(outcome());
                  }
                }));
  }

  private void store(Consumer<Outcome<Document>> answer, Document document, Runnable then) {
    Instant now = context.clock().instant();
    Timestamp created =
        Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
    Document stored = document.toBuilder().setCreateTime(created).build();
    step(answer, () -> context.store().createIfAbsent(stored, fence), then);
  }

  /** An earlier attempt without an answer may have stored exactly this. */
  private Outcome<Document> created(Document asked) {
    if (known instanceof Live(Document found)
        && !found.toBuilder().clearCreateTime().build().equals(asked)) {
      return taken("document " + id + " exists");
    }
    return outcome();
  }

  private Outcome<Document> outcome() {
    return switch (known) {
      case Live(Document document) -> new Done<>(document);
      case Absent() -> refused(Reason.NOT_FOUND, "document " + id + " does not exist");
      case Deleted() -> refused(Reason.NOT_FOUND, "document " + id + " was deleted");
      case NotOurs() -> refused(Reason.NOT_OWNER, "document " + id + " has another owner");
    };
  }

  private static Outcome<Document> taken(String sentence) {
    return refused(Reason.ALREADY_EXISTS, sentence);
  }

  private static Outcome<Document> refused(Reason reason, String sentence) {
    return new Refused<>(Refusal.of(reason, sentence));
  }

  private void loaded(Consumer<Outcome<Document>> answer, Runnable then) {
    if (known == null) {
      step(answer, () -> context.store().find(id), then);
    } else {
      then.run();
    }
  }

  private void step(
      Consumer<Outcome<Document>> answer, Supplier<CompletableFuture<Stored>> call, Runnable then) {
    busy = true;
    context
        .loop()
        .whenDone(
            call.get(),
            (stored, error) -> {
              busy = false;
              if (error == null) {
                known = stored;
                then.run();
              } else {
                // The write may have been made all the same: the next request asks again.
                known = null;
                answer.accept(refused(Reason.UNAVAILABLE, "the document store does not answer"));
              }
              while (!busy && !waiting.isEmpty()) {
                waiting.remove().run();
              }
              if (known instanceof NotOurs) {
                onNotOurs.run();
              }
            });
  }

  private void afterOthers(Consumer<Outcome<Document>> answer, Runnable request) {
    if (!busy && waiting.isEmpty()) {
      request.run();
    } else if (waiting.size() < WAITING_MAX) {
      waiting.add(request);
    } else {
      answer.accept(refused(Reason.QUOTA, "too many requests wait for document " + id));
    }
  }
}
