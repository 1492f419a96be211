package io.aetherflow.statesync.grpc;

import io.aetherflow.api.statesync.v1.Attach;
import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.Moved;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.document.DocumentState;
import io.aetherflow.statesync.document.Subscriber;
import io.aetherflow.statesync.document.TrimmedException;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.Location;
import io.aetherflow.statesync.shard.ShardHost;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One gateway's stream. What gRPC calls is handed to the loop, where everything else happens.
 *
 * <p>A slow reader is never queued for: a document whose operations do not fit the transport's
 * buffer is read from the log, from the first one missed, when the stream is ready again. Presence
 * is dropped. Requests are taken in only as fast as their answers are taken off.
 */
final class SyncStream implements StreamObserver<SyncRequest>, Subscriber {
  private static final Logger LOG = LoggerFactory.getLogger(SyncStream.class);

  /** Bounds requests on their way to the loop. */
  private static final int REQUESTS_IN_FLIGHT_MAX = 256;

  /** Asking for each request on its own would wake the transport for each. */
  private static final int REQUESTS_OWED_MAX = REQUESTS_IN_FLIGHT_MAX / 4;

  /** Bounds what is buffered for a slow reader, to about this. */
  private static final int BUFFERED_BYTES_MAX = 512 << 10;

  /** Bounds what one gateway can pin. */
  private static final int DOCUMENTS_MAX = 20_000;

  private static final int BATCH_OPERATIONS_MAX = 500;
  private static final int BATCH_BYTES_MAX = 256 << 10;
  private static final long RETRY_MILLIS = 200;

  /** A document this stream follows: up to {@code next}, exclusive, everything was sent. */
  private static final class Subscription {
    private DocumentState document;
    private long next;
    private boolean live;
    private boolean reading;
  }

  private final ServerCallStreamObserver<SyncResponse> out;
  private final ShardHost host;
  private final Loop loop;
  private final StreamOperations operations;
  private final Consumer<SyncStream> onEnd;
  private final Map<String, Subscription> subscriptions = new HashMap<>();

  /** Requests that the loop has not seen, {@value #REQUESTS_IN_FLIGHT_MAX} at most. */
  private final Queue<SyncRequest> arrived = new ConcurrentLinkedQueue<>();

  private final AtomicBoolean draining = new AtomicBoolean();
  private int owedRequests;
  private boolean ended;

  SyncStream(
      ServerCallStreamObserver<SyncResponse> out,
      ShardHost host,
      Loop loop,
      Tracing tracing,
      Consumer<SyncStream> onEnd) {
    this.out = out;
    this.host = host;
    this.loop = loop;
    this.operations = new StreamOperations(host, tracing, this::send);
    this.onEnd = onEnd;
  }

  StreamObserver<SyncRequest> start() {
    out.setOnReadyThreshold(BUFFERED_BYTES_MAX);
    out.disableAutoRequest();
    out.setOnReadyHandler(() -> loop.execute(this::ready));
    out.setOnCancelHandler(() -> loop.execute(this::end));
    out.request(REQUESTS_IN_FLIGHT_MAX);
    return this;
  }

  @Override
  public void onNext(SyncRequest request) {
    arrived.add(request);
    if (draining.compareAndSet(false, true)) {
      loop.execute(this::drain);
    }
  }

  /** What came while the loop was busy is worked off in one turn. */
  private void drain() {
    draining.set(false);
    try {
      for (SyncRequest next = arrived.poll(); next != null && !ended; next = arrived.poll()) {
        owedRequests++;
        handle(next);
      }
    } finally {
      // What one request leads to keeps none after it from being heard.
      if (!ended && !arrived.isEmpty() && draining.compareAndSet(false, true)) {
        loop.execute(this::drain);
      }
      if (!ended && owedRequests >= REQUESTS_OWED_MAX) {
        takeIn();
      }
    }
  }

  @Override
  public void onError(Throwable failure) {
    loop.execute(this::end);
  }

  @Override
  public void onCompleted() {
    loop.execute(this::complete);
  }

  /** Ends the stream in good order. */
  void complete() {
    if (!ended) {
      end();
      out.onCompleted();
    }
  }

  private void end() {
    ended = true;
    List.copyOf(subscriptions.keySet()).forEach(this::detach);
    onEnd.accept(this);
  }

  private void handle(SyncRequest request) {
    switch (request.getKindCase()) {
      case ATTACH -> attach(request.getAttach());
      case DETACH -> detach(request.getDetach().getDocument());
      case APPLY -> operations.apply(Requests.traced(request.getApply()));
      case PRESENCE -> {
        Presence presence = request.getPresence();
        host.ifServed(presence.getDocument(), document -> document.publish(presence, this));
      }
      case KIND_NOT_SET -> LOG.warn("a gateway sent an unknown kind of request; ignored");
    }
  }

  private void takeIn() {
    if (out.isReady() && owedRequests > 0) {
      out.request(owedRequests);
      owedRequests = 0;
    }
  }

  private void ready() {
    if (!ended) {
      takeIn();
      for (Subscription each : List.copyOf(subscriptions.values())) {
        if (!out.isReady()) {
          return;
        }
        if (each.document != null && !each.live) {
          catchUp(each);
        }
      }
    }
  }

  private void attach(Attach attach) {
    String id = attach.getDocument();
    detach(id);
    if (Requests.document(id).isPresent() || attach.getFromSeq() < 0) {
      fail(Status.INVALID_ARGUMENT.withDescription("an attach to what cannot be a document"));
      return;
    }
    if (subscriptions.size() >= DOCUMENTS_MAX) {
      fail(
          Status.RESOURCE_EXHAUSTED.withDescription(
              "a stream follows at most " + DOCUMENTS_MAX + " documents"));
      return;
    }
    Subscription subscription = new Subscription();
    subscriptions.put(id, subscription);
    host.with(
        id,
        document -> {
          if (subscriptions.get(id) == subscription) {
            attached(subscription, document, attach.getFromSeq());
          }
        },
        location -> {
          if (subscriptions.remove(id, subscription)) {
            sendMoved(id, location);
          }
        });
  }

  private void attached(Subscription subscription, DocumentState document, long fromSeq) {
    long head = document.head();
    boolean recovered = fromSeq == 0 || (fromSeq >= document.firstSeq() && fromSeq <= head + 1);
    subscription.document = document;
    subscription.next = fromSeq > 0 && recovered ? fromSeq : head + 1;
    document.subscribe(this);
    send(
        SyncResponse.newBuilder()
            .setAttached(
                Attached.newBuilder()
                    .setDocument(document.id())
                    .setHead(head)
                    .setEpoch(document.epoch())
                    .setFirstSeq(document.firstSeq())
                    .setRecovered(recovered))
            .build());
    catchUp(subscription);
  }

  private void detach(String id) {
    Subscription subscription = subscriptions.remove(id);
    if (subscription != null && subscription.document != null) {
      subscription.document.unsubscribe(this);
    }
  }

  private void catchUp(Subscription subscription) {
    DocumentState document = subscription.document;
    if (subscription.next > document.head()) {
      subscription.live = true;
      return;
    }
    if (subscription.reading || !out.isReady()) {
      return;
    }
    subscription.reading = true;
    loop.whenDone(
        document.read(subscription.next, BATCH_OPERATIONS_MAX, BATCH_BYTES_MAX),
        (operations, error) -> {
          subscription.reading = false;
          if (ended || subscriptions.get(document.id()) != subscription) {
            return;
          }
          if (error == null) {
            caughtUp(subscription, operations);
          } else if (TrimmedException.in(error)) {
            trimmed(document.id());
          } else {
            retryCatchUp(subscription, error);
          }
        });
  }

  private void caughtUp(Subscription subscription, List<Operation> operations) {
    DocumentState document = subscription.document;
    if (operations.isEmpty() || operations.getFirst().getSeq() != subscription.next) {
      fail(
          Status.DATA_LOSS.withDescription(
              "operation " + subscription.next + " of " + document.id() + " is not in the log"));
      return;
    }
    subscription.next = operations.getLast().getSeq() + 1;
    send(
        SyncResponse.newBuilder()
            .setOperations(
                OperationBatch.newBuilder()
                    .setDocument(document.id())
                    .setEpoch(document.epoch())
                    .setFirstSeq(operations.getFirst().getSeq())
                    .addAllOperations(operations))
            .build());
    catchUp(subscription);
  }

  /** Where it was is trimmed: it attaches again and is told so. */
  private void trimmed(String document) {
    detach(document);
    sendMoved(document, host.locate(document));
  }

  private void retryCatchUp(Subscription subscription, Throwable error) {
    LOG.atDebug()
        .addKeyValue("action", "catch_up_repeated")
        .log("reading {} again: {}", subscription.document.id(), error.toString());
    loop.after(
        RETRY_MILLIS,
        () -> {
          if (!ended && subscriptions.get(subscription.document.id()) == subscription) {
            catchUp(subscription);
          }
        });
  }

  @Override
  public void operations(DocumentState document, SyncResponse batch) {
    Subscription subscription = subscriptions.get(document.id());
    if (subscription == null || !subscription.live) {
      return;
    }
    if (!out.isReady()) {
      subscription.live = false;
      return;
    }
    OperationBatch operations = batch.getOperations();
    if (operations.getFirstSeq() != subscription.next) {
      throw new IllegalStateException(
          "operation "
              + operations.getFirstSeq()
              + " of "
              + document.id()
              + " where "
              + subscription.next
              + " belongs");
    }
    subscription.next += operations.getOperationsCount();
    send(batch);
  }

  @Override
  public void presence(DocumentState document, SyncResponse presence) {
    if (out.isReady()) {
      send(presence);
    }
  }

  @Override
  public void moved(String document) {
    if (subscriptions.remove(document) != null) {
      sendMoved(document, host.locate(document));
    }
  }

  private void sendMoved(String document, Location location) {
    send(
        SyncResponse.newBuilder()
            .setMoved(
                Moved.newBuilder()
                    .setDocument(document)
                    .setOwner(location.owner())
                    .setAddress(location.address()))
            .build());
  }

  private void fail(Status status) {
    if (!ended) {
      end();
      out.onError(status.asRuntimeException());
    }
  }

  private void send(SyncResponse response) {
    if (!ended) {
      out.onNext(response);
    }
  }
}
