package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.PutStateResponse;
import io.aetherflow.statesync.document.DocumentArchive.Content;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the operations of one document amount to: folded here for property_lww, supplied by clients
 * for the other policies. A stored state lets the history before it be trimmed. Loop only.
 */
final class StoredState {
  private static final Logger LOG = LoggerFactory.getLogger(StoredState.class);

  /** So much history, and no less than the state itself, comes before it is folded again. */
  private static final long FOLD_BYTES = 1 << 20;

  private final String document;
  private final OwnedShard shard;
  private final DocumentMeta meta;
  private final DocumentHistory history;
  private final Sequencer sequencer;
  private final Waiters waiters;
  private final FoldedState folded;
  private boolean storing;

  StoredState(
      String document,
      OwnedShard shard,
      DocumentMeta meta,
      DocumentHistory history,
      Sequencer sequencer,
      Waiters waiters) {
    this.document = document;
    this.shard = shard;
    this.meta = meta;
    this.history = history;
    this.sequencer = sequencer;
    this.waiters = waiters;
    this.folded = new FoldedState(history, shard.context(), waiters::isEmpty);
  }

  static boolean folds(Document description) {
    return description.getPolicy() == ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW;
  }

  /** Goes on with the properties of a document that has them, at once with those that have none. */
  void folded(
      Document description, Consumer<Optional<Properties>> then, Consumer<Refusal> refused) {
    if (folds(description)) {
      folded.with(properties -> then.accept(Optional.of(properties)), refused);
    } else {
      then.accept(Optional.empty());
    }
  }

  void placed(Operation operation) {
    folded.placed(operation);
  }

  /** Whether nothing is being read or stored. */
  boolean idle() {
    return !storing && folded.idle();
  }

  void lost() {
    folded.lost();
  }

  void get(Consumer<Outcome<DocumentContent>> answer) {
    meta.get(outcome -> {
      switch (outcome) {
        case Refused<Document>(Refusal why) -> answer.accept(new Refused<>(why));
        case Done<Document>(Document description) -> {
          if (folds(description)) {
            foldedNow(
                content -> answer.accept(new Done<>(told(content))),
                why -> answer.accept(new Refused<>(why)));
          } else {
            supplied(answer);
          }
        }
      }
    });
  }

  /** What is folded, as soon as all of it is durable. */
  void foldedNow(Consumer<Content> then, Consumer<Refusal> refused) {
    folded.with(
        properties -> {
          long placed = sequencer.placed();
          if (placed <= sequencer.head()) {
            then.accept(new Content(placed, properties.toJson()));
          } else {
            waiters
                .refuseRead(properties.bytes())
                .ifPresentOrElse(refused, () -> whenDurable(placed, properties, then, refused));
          }
        },
        refused);
  }

  /** What comes after the place must not be in it. */
  private void whenDurable(
      long placed, Properties properties, Consumer<Content> then, Consumer<Refusal> refused) {
    Content content = new Content(placed, properties.toJson());
    waiters.addRead(placed, properties.bytes(), () -> then.accept(content), refused);
  }

  private void supplied(Consumer<Outcome<DocumentContent>> answer) {
    whenDone(
        history.archive().state(),
        (found, error) -> {
          if (error != null) {
            answer.accept(unavailable());
          } else {
            answer.accept(
                found
                    .<Outcome<DocumentContent>>map(content -> new Done<>(told(content)))
                    .orElseGet(() ->
                        new Refused<>(
                            Refusal.of(
                                Reason.NOT_FOUND, "nobody supplied a state of " + document))));
          }
        });
  }

  private DocumentContent told(Content content) {
    return DocumentContent.newBuilder()
        .setDocument(document)
        .setSeq(content.seq())
        .setData(content.data())
        .setEpoch(shard.epoch())
        .setHead(sequencer.head())
        .build();
  }

  void put(DocumentContent content, Consumer<Outcome<PutStateResponse>> answer) {
    meta.get(outcome -> {
      switch (outcome) {
        case Refused<Document>(Refusal why) -> answer.accept(new Refused<>(why));
        case Done<Document>(Document description) -> {
          Optional<Refusal> refusal = refuse(description, content);
          if (refusal.isPresent()) {
            answer.accept(new Refused<>(refusal.get()));
          } else {
            store(content, answer);
          }
        }
      }
    });
  }

  private Optional<Refusal> refuse(Document description, DocumentContent content) {
    if (folds(description)) {
      return refusal(Reason.POLICY, "the owner folds the state of " + document + " itself");
    }
    if (content.getSeq() > sequencer.head()) {
      return refusal(
          Reason.INVALID, "seq is " + content.getSeq() + " and the head only " + sequencer.head());
    }
    if (storing) {
      return refusal(Reason.QUOTA, "another state of " + document + " is being stored");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> refusal(Reason reason, String sentence) {
    return Optional.of(Refusal.of(reason, sentence));
  }

  private void store(DocumentContent content, Consumer<Outcome<PutStateResponse>> answer) {
    whenDone(
        save(new Content(content.getSeq(), content.getData())),
        (owned, error) -> {
          if (error != null) {
            answer.accept(unavailable());
          } else if (owned) {
            answer.accept(
                new Done<>(
                    PutStateResponse.newBuilder()
                        .setSeq(history.archive().stateSeq())
                        .setFirstSeq(history.archive().firstSeq())
                        .build()));
          } else {
            answer.accept(
                new Refused<>(
                    Refusal.of(Reason.NOT_OWNER, "document " + document + " has a new owner")));
            shard.fenced();
          }
        });
  }

  private CompletableFuture<Boolean> save(Content content) {
    storing = true;
    return history
        .archive()
        .putState(content)
        .whenCompleteAsync((owned, error) -> storing = false, shard.context().loop());
  }

  /**
   * Stores what is folded if much has been archived since the last time.
   *
   * @return false when the shard has another owner
   */
  CompletableFuture<Boolean> foldIfDue() {
    long due = Math.max(FOLD_BYTES, history.archive().stateBytes());
    if (storing || history.archive().bytesAboveState() < due) {
      return CompletableFuture.completedFuture(true);
    }
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    meta.get(outcome -> {
      if (outcome instanceof Done<Document>(Document description) && folds(description)) {
        foldedNow(
            content ->
                save(content)
                    .whenComplete((owned, error) -> {
                      if (error == null) {
                        done.complete(owned);
                      } else {
                        done.completeExceptionally(error);
                      }
                    }),
            why -> done.completeExceptionally(new IllegalStateException(why.sentence())));
      } else {
        done.complete(true);
      }
    });
    return done.exceptionally(error -> {
      LOG.atWarn()
          .addKeyValue("action", "state_not_folded")
          .log("the state of {} is folded at a later round: {}", document, error.toString());
      return true;
    });
  }

  private <T> void whenDone(CompletableFuture<T> future, BiConsumer<T, Throwable> then) {
    shard.context().loop().whenDone(future, then);
  }

  private static <T> Outcome<T> unavailable() {
    return new Refused<>(Refusal.of(Reason.UNAVAILABLE, "the store does not answer"));
  }
}
