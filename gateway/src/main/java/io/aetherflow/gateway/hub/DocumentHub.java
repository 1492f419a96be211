package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.GetStateRequest;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.Moved;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.GrpcErrors;
import io.aetherflow.gateway.Loop;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.hub.Subscription.From;
import io.aetherflow.runtime.trace.Span;
import io.aetherflow.runtime.trace.Tracing;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All documents of this gateway: one stream per owner, fan-out to the local sockets. Public methods
 * may be called from any thread and take effect on the hub's thread in call order.
 */
public final class DocumentHub {
  private static final Logger LOG = LoggerFactory.getLogger(DocumentHub.class);
  private static final long TICK_MILLIS = 250;
  private static final int HISTORY_PAGE = 500;

  /**
   * Questions after a lost stream that wait for a successor take a stream each of a statesync
   * instance; the documents beyond ask again and again.
   */
  static final int HELD_MAX = 64;

  /** An operation from its arrival to its answer. */
  private static final String OPERATION_SPAN = "operation";

  private final Backends backends;
  private final OwnerCalls calls;
  private final Loop loop;
  private final Executor blocking;
  private final LongSupplier nowNs;
  private final RandomGenerator random;
  private final Tracing tracing;
  private final Map<String, DocumentState> documents = new HashMap<>();
  private final Map<String, OwnerStream> streams = new HashMap<>();
  private final PendingBudget pendingBudget = new PendingBudget(PendingBudget.BYTES_MAX);
  private boolean ticking;
  private int held;

  /**
   * @param loop the hub's thread
   * @param blocking runs calls that may block, each on a thread of its own
   */
  public DocumentHub(
      Backends backends,
      Loop loop,
      Executor blocking,
      LongSupplier nowNs,
      RandomGenerator random,
      Tracing tracing) {
    this.tracing = tracing;
    this.backends = backends;
    this.calls = new OwnerCalls(backends);
    this.loop = loop;
    this.blocking = blocking;
    this.nowNs = nowNs;
    this.random = random;
  }

  public void attach(String document, Subscriber subscriber, From from) {
    execute(() -> {
      documents.computeIfAbsent(document, id -> new Io(id).state).attach(subscriber, from);
      tickWhileInUse();
    });
  }

  public void detach(String document, Subscriber subscriber) {
    loop.execute(() -> {
      DocumentState state = documents.get(document);
      if (state != null && state.detach(subscriber)) {
        documents.remove(document);
        closeUnusedStreams();
      }
    });
  }

  public void submit(String document, Subscriber from, String user, OperationDraft draft) {
    String guuid = Traced.current();
    Span span = tracing.begin(guuid, Span.Kind.SERVER, OPERATION_SPAN);
    span.tag("aetherflow.document", document);
    execute(() -> {
      DocumentState state = documents.get(document);
      if (state == null) {
        span.fail("the socket has left the document");
      } else {
        state.submit(from, user, draft, new MessageTrace(guuid, span));
      }
    });
  }

  public void presence(Presence presence) {
    loop.execute(() -> with(presence.getDocument(), state -> state.publishPresence(presence)));
  }

  /** The outgoing queue of a document's subscriber drained. */
  public void writable(String document, Subscriber subscriber) {
    loop.execute(() -> with(document, state -> state.delivery().onWritable(subscriber)));
  }

  /** Ends the streams; the hub does nothing more. Done when they have ended. */
  public CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(
        () -> {
          documents.clear();
          List.copyOf(streams.values()).forEach(stream -> stream.abandon("the gateway stops"));
        },
        loop);
  }

  private void execute(Runnable task) {
    loop.execute(Traced.wrap(task));
  }

  private void tickWhileInUse() {
    if (!ticking) {
      ticking = true;
      loop.after(TICK_MILLIS, this::tick);
    }
  }

  private void tick() {
    ticking = false;
    List.copyOf(documents.values()).forEach(DocumentState::onTick);
    if (!documents.isEmpty()) {
      tickWhileInUse();
    }
    closeUnusedStreams();
  }

  private void closeUnusedStreams() {
    streams
        .values()
        .removeIf(stream -> {
          boolean used =
              documents.values().stream()
                  .anyMatch(state -> state.owner().filter(o -> o == stream).isPresent());
          if (!used) {
            stream.close();
          }
          return !used;
        });
  }

  private void onResponse(OwnerStream stream, SyncResponse response) {
    stream.heard(nowNs.getAsLong());
    switch (response.getKindCase()) {
      case ATTACHED -> {
        Attached attached = response.getAttached();
        with(attached.getDocument(), state -> state.onAttached(stream, attached));
      }
      case OPERATIONS -> {
        OperationBatch batch = response.getOperations();
        with(batch.getDocument(), state -> state.onOperations(stream, batch));
      }
      case RESULT -> {
        ApplyResult result = response.getResult();
        with(result.getDocument(), state -> state.onResult(stream, result));
      }
      case PRESENCE -> {
        Presence presence = response.getPresence();
        with(presence.getDocument(), state -> state.onPresence(stream, presence));
      }
      case MOVED -> {
        Moved moved = response.getMoved();
        with(moved.getDocument(), state -> state.onMoved(stream, moved));
      }
      case KIND_NOT_SET -> LOG.warn("{} sent an unknown kind of response", stream.address());
    }
  }

  private void with(String document, Consumer<DocumentState> action) {
    DocumentState state = documents.get(document);
    if (state != null) {
      action.accept(state);
    }
  }

  private void onBroken(OwnerStream stream, String why) {
    LOG.atInfo()
        .addKeyValue("action", "owner_stream_broken")
        .log("Stream to {} broke: {}; locating its documents again", stream.address(), why);
    streams.remove(stream.address(), stream);
    List.copyOf(documents.values())
        .forEach(state -> state.onLinkBroken(stream, stream.successor()));
  }

  /** One per document, so that an answer finds the state that asked, not a namesake. */
  private final class Io implements HubIo {
    private final DocumentState state;

    Io(String document) {
      state = new DocumentState(document, this);
    }

    @Override
    public void locate(String document, long ticket, long staleEpoch) {
      boolean hold = staleEpoch > 0 && held < HELD_MAX;
      held += hold ? 1 : 0;
      onBlocking(() -> {
        String address =
            answer(
                    document,
                    hold
                        ? () -> calls.locateAfter(document, staleEpoch)
                        : () -> calls.locate(document))
                .getAddress();
        loop.execute(() -> {
          held -= hold ? 1 : 0;
          located(ticket, address);
        });
      });
    }

    /** Empty when nobody says; never fails, for who asked waits for it before it asks again. */
    private static LocateDocumentResponse answer(
        String document, Supplier<LocateDocumentResponse> question) {
      try {
        return question.get();
      } catch (StatusRuntimeException e) {
        LOG.debug("Asking who owns {} failed: {}", document, e.getStatus());
      } catch (RuntimeException e) {
        LOG.error("cannot ask who owns {}", document, e);
      }
      return LocateDocumentResponse.getDefaultInstance();
    }

    @Override
    public void successor(String document, long ticket, long staleEpoch) {
      OwnerStream silent = (OwnerStream) state.owner().orElseThrow();
      if (!silent.mayAskForSuccessor(nowNs.getAsLong())) {
        loop.execute(() -> state.onSuccessor(ticket, "", 0));
        return;
      }
      onBlocking(() -> {
        LocateDocumentResponse found =
            answer(document, () -> calls.locateAfter(document, staleEpoch));
        loop.execute(() -> {
          silent.successorAnswered();
          state.onSuccessor(ticket, found.getAddress(), found.getEpoch());
        });
      });
    }

    private void onBlocking(Runnable task) {
      blocking.execute(Traced.wrap(task));
    }

    private void located(long ticket, String address) {
      if (address.isEmpty()) {
        state.onLocateFailed(ticket);
      } else {
        state.onLocated(ticket, address);
      }
    }

    @Override
    public OwnerLink link(String address) {
      return streams.computeIfAbsent(
          address,
          key -> {
            OwnerStream stream =
                new OwnerStream(
                    key, loop, nowNs(), DocumentHub.this::onResponse, DocumentHub.this::onBroken);
            // The stream outlives the message that needed it first.
            Context.ROOT.run(() -> stream.open(backends.stateSyncAt(key)));
            return stream;
          });
    }

    @Override
    public void history(String document, long ticket, long fromSeq) {
      onBlocking(() -> {
        try {
          ListOperationsResponse page = readHistory(document, fromSeq);
          loop.execute(() -> state.delivery().onHistory(ticket, page));
        } catch (StatusRuntimeException e) {
          boolean trimmed = GrpcErrors.reason(e).equals("SEQ_TRIMMED");
          LOG.debug("Reading {} from {} failed: {}", document, fromSeq, e.getStatus());
          loop.execute(() -> {
            if (trimmed) {
              state.delivery().onHistoryTrimmed(ticket);
            } else {
              state.delivery().onHistoryFailed(ticket);
            }
          });
        }
      });
    }

    @Override
    public void state(String document, long ticket) {
      onBlocking(() -> {
        try {
          DocumentContent content = readState(document);
          loop.execute(() -> state.delivery().onState(ticket, content));
        } catch (StatusRuntimeException e) {
          LOG.debug("Reading the state of {} failed: {}", document, e.getStatus());
          boolean none = GrpcErrors.reason(e).equals("NOT_FOUND");
          boolean mayPass = OwnerCalls.mayPass(e);
          loop.execute(() -> {
            if (none) {
              state.delivery().onNoState(ticket);
            } else {
              state.delivery().onStateFailed(ticket, mayPass);
            }
          });
        }
      });
    }

    private DocumentContent readState(String document) {
      return calls.call(
          document,
          (channel, millis) ->
              SyncServiceGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                  .getState(GetStateRequest.newBuilder().setDocument(document).build()));
    }

    private ListOperationsResponse readHistory(String document, long fromSeq) {
      return calls.call(
          document,
          (channel, millis) ->
              SyncServiceGrpc.newBlockingStub(channel)
                  .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
                  .listOperations(
                      ListOperationsRequest.newBuilder()
                          .setDocument(document)
                          .setFromSeq(fromSeq)
                          .setLimit(HISTORY_PAGE)
                          .build()));
    }

    @Override
    public PendingBudget pendingBudget() {
      return pendingBudget;
    }

    @Override
    public void after(long delayMillis, Runnable task) {
      loop.after(delayMillis, task);
    }

    @Override
    public long nowNs() {
      return nowNs.getAsLong();
    }

    @Override
    public long random(long bound) {
      return random.nextLong(Math.max(1, bound));
    }
  }
}
