package io.aetherflow.statesync.document;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.api.statesync.v1.CreateVersionRequest;
import io.aetherflow.api.statesync.v1.Document;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.RestoreVersionRequest;
import io.aetherflow.api.statesync.v1.Version;
import io.aetherflow.api.statesync.v1.VersionContent;
import io.aetherflow.statesync.archive.VersionStore;
import io.aetherflow.statesync.archive.VersionStore.Created;
import io.aetherflow.statesync.archive.VersionStore.Fenced;
import io.aetherflow.statesync.archive.VersionStore.Stored;
import io.aetherflow.statesync.archive.VersionStore.Taken;
import io.aetherflow.statesync.document.DocumentArchive.Content;
import io.aetherflow.statesync.document.Outcome.Done;
import io.aetherflow.statesync.document.Outcome.Refused;
import io.aetherflow.statesync.document.Refusal.Reason;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** The named versions of one document. Loop only. */
final class DocumentVersions {
  /** As large as an operation, for a restore is one. */
  private static final int SUPPLIED_BYTES_MAX = 512 << 10;

  /** Bounds the contents that wait for their turn to be stored. */
  static final int CREATING_MAX = 16;

  private final String document;
  private final OwnedShard shard;
  private final StoredState state;
  private final LongSupplier head;
  private final VersionStore store;

  /** Done when the creation before is: counting and storing are two steps. */
  private CompletableFuture<?> created = CompletableFuture.completedFuture(null);

  private int creating;

  DocumentVersions(String document, OwnedShard shard, StoredState state, LongSupplier head) {
    this.document = document;
    this.shard = shard;
    this.state = state;
    this.head = head;
    this.store = shard.context().versions();
  }

  void create(
      Document description, CreateVersionRequest request, Consumer<Outcome<Version>> answer) {
    if (StoredState.folds(description)) {
      if (request.getSeq() != 0 || !request.getData().isEmpty()) {
        answer.accept(refused(Reason.POLICY, "the owner folds the state of " + document));
        return;
      }
      state.foldedNow(
          content ->
              create(
                  request, content, request.getRequestId(), VersionStore.CONTENT_BYTES_MAX, answer),
          why -> answer.accept(new Refused<>(why)));
    } else if (request.getSeq() < 1 || request.getSeq() > head.getAsLong()) {
      answer.accept(
          refused(Reason.INVALID, "seq is " + request.getSeq() + ", not 1 to " + head.getAsLong()));
    } else {
      Content supplied = new Content(request.getSeq(), request.getData());
      create(request, supplied, "", SUPPLIED_BYTES_MAX, answer);
    }
  }

  private void create(
      CreateVersionRequest request,
      Content content,
      String requestId,
      int bytesMax,
      Consumer<Outcome<Version>> answer) {
    if (content.data().size() > bytesMax) {
      answer.accept(refused(Reason.LIMIT, "a version has at most " + bytesMax + " bytes"));
      return;
    }
    if (creating == CREATING_MAX) {
      answer.accept(refused(Reason.QUOTA, "too many versions of " + document + " are being made"));
      return;
    }
    Version version =
        Version.newBuilder()
            .setDocument(document)
            .setName(request.getName())
            .setSeq(content.seq())
            .setUser(request.getUser())
            .setCreateTime(shard.now())
            .setBytes(content.data().size())
            .setRequestId(requestId)
            .build();
    creating++;
    CompletableFuture<Optional<Created>> stored =
        created
            .handle((before, error) -> null)
            .thenCompose(free -> storeIfThereIsRoom(version, content.data()));
    created = stored;
    whenDone(
        stored,
        outcome -> {
          creating--;
          answer.accept(outcome);
        },
        found ->
            found
                .map(each -> created(version, content, each))
                .orElseGet(() ->
                    refused(Reason.LIMIT, "document " + document + " has too many versions")));
  }

  /** Empty when there are too many. */
  private CompletableFuture<Optional<Created>> storeIfThereIsRoom(
      Version version, ByteString content) {
    return store
        .list(document)
        .thenCompose(found ->
            found.size() >= VersionStore.VERSIONS_MAX
                    && found.stream().noneMatch(each -> each.getName().equals(version.getName()))
                ? CompletableFuture.completedFuture(Optional.empty())
                : store
                    .create(shard.number(), shard.epoch(), version, content)
                    .thenApply(Optional::of));
  }

  /** Whether no version is being made. */
  boolean idle() {
    return creating == 0;
  }

  private Outcome<Version> created(Version asked, Content content, Created created) {
    return switch (created) {
      case Stored() -> new Done<>(asked);
      case Taken(VersionContent found) ->
          repeated(asked, content, found)
              ? new Done<>(found.getVersion())
              : refused(Reason.ALREADY_EXISTS, "version " + asked.getName() + " exists");
      case Fenced() -> {
        shard.fenced();
        yield refused(Reason.NOT_OWNER, "document " + document + " has a new owner");
      }
    };
  }

  /** Whether an earlier attempt without an answer made the one that is there. */
  private static boolean repeated(Version asked, Content content, VersionContent found) {
    Version before = found.getVersion();
    boolean sameRequest =
        !asked.getRequestId().isEmpty() && asked.getRequestId().equals(before.getRequestId());
    boolean sameContent =
        before.getSeq() == content.seq() && found.getData().equals(content.data());
    return before.getUser().equals(asked.getUser()) && (sameRequest || sameContent);
  }

  void list(Consumer<Outcome<List<Version>>> answer) {
    whenDone(store.list(document), answer, Done::new);
  }

  void get(String name, Consumer<Outcome<VersionContent>> answer) {
    whenDone(
        store.find(document, name),
        answer,
        found ->
            found
                .<Outcome<VersionContent>>map(Done::new)
                .orElseGet(() -> refused(Reason.NOT_FOUND, "there is no version " + name)));
  }

  void delete(String name, Consumer<Outcome<Boolean>> answer) {
    whenDone(
        store.delete(shard.number(), shard.epoch(), document, name),
        answer,
        owned ->
            owned
                ? new Done<>(true)
                : refused(Reason.NOT_OWNER, "document " + document + " has a new owner"));
  }

  /** What a restore stores. */
  record Restoring(ApplyOperationsRequest request, Version version) {}

  /** Goes on with the operations that make the document as it was; none when it is so. */
  void restore(
      Document description,
      RestoreVersionRequest request,
      Consumer<Restoring> then,
      Consumer<Refusal> refused) {
    if (description.getPolicy() == ConflictPolicy.CONFLICT_POLICY_OPAQUE_CRDT) {
      refused.accept(
          Refusal.of(
              Reason.POLICY,
              "updates of " + document + " only ever add; write what differs as an update"));
      return;
    }
    get(
        request.getName(),
        outcome -> {
          switch (outcome) {
            case Refused<VersionContent>(Refusal why) -> refused.accept(why);
            case Done<VersionContent>(VersionContent version) ->
                state.folded(
                    description,
                    properties ->
                        then.accept(
                            new Restoring(
                                request(request, contents(version, properties)),
                                version.getVersion())),
                    refused);
          }
        });
  }

  private static List<ByteString> contents(
      VersionContent version, Optional<Properties> properties) {
    return properties
        .map(now -> now.editsTo(Properties.parse(version.getData())))
        .orElseGet(() -> List.of(version.getData()));
  }

  private ApplyOperationsRequest request(RestoreVersionRequest asked, List<ByteString> contents) {
    ApplyOperationsRequest.Builder request =
        ApplyOperationsRequest.newBuilder()
            .setDocument(document)
            .setClientId("restore/" + asked.getClientSeq() + "/" + asked.getClientId())
            .setUser(asked.getUser());
    for (ByteString content : contents) {
      request.addOperations(
          OperationDraft.newBuilder()
              .setClientSeq(request.getOperationsCount() + 1)
              .setData(content)
              .addAllLocks(asked.getLocksList()));
    }
    return request.build();
  }

  private <T, A> void whenDone(
      CompletableFuture<T> future, Consumer<Outcome<A>> answer, Function<T, Outcome<A>> then) {
    shard
        .context()
        .loop()
        .whenDone(
            future,
            (found, error) ->
                answer.accept(
                    error == null
                        ? then.apply(found)
                        : refused(Reason.UNAVAILABLE, "the store does not answer")));
  }

  private static <T> Outcome<T> refused(Reason reason, String sentence) {
    return new Refused<>(Refusal.of(reason, sentence));
  }
}
