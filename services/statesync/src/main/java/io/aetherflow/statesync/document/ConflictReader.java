package io.aetherflow.statesync.document;

import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Reads single operations of a document. Loop only. */
final class ConflictReader {
  /** What one answer holds, with one operation beyond, below the 4 MiB of a message. */
  private static final int BYTES_MAX = 2 << 20;

  private final DocumentHistory history;
  private final ShardContext context;

  ConflictReader(DocumentHistory history, ShardContext context) {
    this.history = history;
    this.context = context;
  }

  /** Answers with as many of the first as fit one answer. */
  void read(Collection<Long> seqs, Consumer<Outcome<List<Operation>>> answer) {
    context
        .loop()
        .whenDone(
            read(List.copyOf(seqs), new ArrayList<>(), 0),
            (found, error) ->
                answer.accept(
                    error == null
                        ? new Done<>(found)
                        : new Refused<>(
                            Refusal.of(Reason.UNAVAILABLE, "the log does not answer"))));
  }

  private CompletableFuture<List<Operation>> read(
      List<Long> seqs, List<Operation> found, long bytes) {
    if (seqs.isEmpty() || bytes > BYTES_MAX) {
      return CompletableFuture.completedFuture(found);
    }
    return history
        .read(seqs.getFirst(), 1, BYTES_MAX)
        .thenComposeAsync(
            operations -> {
              found.addAll(operations);
              long size = operations.stream().mapToLong(Operation::getSerializedSize).sum();
              return read(seqs.subList(1, seqs.size()), found, bytes + size);
            },
            context.loop());
  }
}
