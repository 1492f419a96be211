package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.statesync.document.DocumentArchive.Content;
import io.aetherflow.statesync.document.PropertyEdit.MalformedException;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The properties of one property_lww document, up to the last operation that was given a place.
 * Folded from the stored state and the operations behind it when they are first needed, then kept
 * up to date, until the memory is needed elsewhere. Loop only.
 */
final class FoldedState {
  private static final int PAGE_OPERATIONS = 1_000;
  private static final int PAGE_BYTES = 1 << 20;

  /** Bounds requests that wait for the folding; further ones are refused. */
  private static final int WAITING_MAX = 1_024;

  private record Waiting(Consumer<Properties> then, Consumer<Refusal> failed) {}

  private final DocumentHistory history;
  private final ShardContext context;
  private final BooleanSupplier quiet;
  private final List<Waiting> waiting = new ArrayList<>(0);
  private Properties properties;

  /**
   * @param quiet whether no operation waits for its commit, so that all can be read again
   */
  FoldedState(DocumentHistory history, ShardContext context, BooleanSupplier quiet) {
    this.history = history;
    this.context = context;
    this.quiet = quiet;
  }

  /** Goes on with the properties, now or when they are folded. */
  void with(Consumer<Properties> then, Consumer<Refusal> failed) {
    if (properties != null) {
      used();
      then.accept(properties);
    } else if (waiting.size() >= WAITING_MAX) {
      failed.accept(Refusal.of(Reason.QUOTA, "too many requests wait for the document's state"));
    } else {
      waiting.add(new Waiting(then, failed));
      if (waiting.size() == 1) {
        fold();
      }
    }
  }

  /** Whether nobody waits. */
  boolean idle() {
    return waiting.isEmpty();
  }

  private void fold() {
    context
        .loop()
        .whenDone(
            history
                .archive()
                .state()
                .thenComposeAsync(
                    stored ->
                        catchUp(
                            stored
                                .map(each -> Properties.parse(each.data()))
                                .orElseGet(Properties::new),
                            stored.map(Content::seq).orElse(0L) + 1),
                    context.loop()),
            (folded, error) -> {
              properties = error == null ? folded : null;
              while (!waiting.isEmpty()) {
                resume(waiting.removeFirst(), error);
              }
            });
  }

  private void resume(Waiting each, Throwable error) {
    if (properties != null) {
      used();
      each.then().accept(properties);
    } else {
      each.failed()
          .accept(Refusal.of(Reason.UNAVAILABLE, "the state cannot be folded now: " + error));
    }
  }

  /** Ends in the turn in which nothing durable is left to read. */
  private CompletableFuture<Properties> catchUp(Properties into, long next) {
    if (next > history.head()) {
      return CompletableFuture.completedFuture(into);
    }
    return history
        .read(next, PAGE_OPERATIONS, PAGE_BYTES)
        .thenComposeAsync(
            page -> {
              page.forEach(each -> edit(each).ifPresent(edit -> into.apply(each.getSeq(), edit)));
              return catchUp(into, next + page.size());
            },
            context.loop());
  }

  /** An operation was given its place. */
  void placed(Operation operation) {
    if (properties != null) {
      edit(operation).ifPresent(edit -> properties.apply(operation.getSeq(), edit));
      used();
    }
  }

  private static Optional<PropertyEdit> edit(Operation operation) {
    if (operation.hasLock()) {
      return Optional.empty();
    }
    try {
      return Optional.of(PropertyEdit.parse(operation.getData()));
    } catch (MalformedException e) {
      throw new IllegalStateException(
          "operation " + operation.getSeq() + " was taken and cannot be read", e);
    }
  }

  private void used() {
    context.folded().used(this, properties.bytes());
  }

  /** Frees the memory if that is possible now. */
  boolean drop() {
    boolean possible = quiet.getAsBoolean();
    if (possible) {
      properties = null;
    }
    return possible;
  }

  /** The document is served here no longer. */
  void lost() {
    properties = null;
    context.folded().gone(this);
    Refusal why = Refusal.of(Reason.NOT_OWNER, "the document has a new owner");
    List<Waiting> due = List.copyOf(waiting);
    waiting.clear();
    due.forEach(each -> each.failed().accept(why));
  }
}
