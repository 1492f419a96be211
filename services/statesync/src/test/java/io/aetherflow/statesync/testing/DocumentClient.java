package io.aetherflow.statesync.testing;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyResult;
import io.aetherflow.api.statesync.v1.Attach;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.statesync.loop.Loop;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Follows and writes one document as a gateway does: locates the owner, attaches from what it has,
 * sends again what has no answer. Asserts on arrival that nothing is missing or doubled.
 */
public final class DocumentClient implements AutoCloseable {
  private static final long RELOCATE_MILLIS = 25;

  /** A paused owner does not answer; then its peers are asked. */
  private static final long SILENCE_MILLIS = 600;

  private final Cluster cluster;
  private final String document;
  private final String clientId;
  private final Loop thread = new Loop("client");
  private final TreeMap<Long, OperationDraft> pending = new TreeMap<>();
  private final Map<Long, Long> acked = new TreeMap<>();
  private final List<Operation> seen = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();
  private ClientCallStreamObserver<SyncRequest> out;
  private long connection;
  private long epoch;

  /** Connections since the last one that was confirmed. */
  private int attempts;

  private long lastHeardNs = System.nanoTime();
  private long longestSilenceNs;
  private long lastAckNs;
  private long nextClientSeq = 1;

  public DocumentClient(Cluster cluster, String document, String clientId) {
    this.cluster = cluster;
    this.document = document;
    this.clientId = clientId;
    thread.execute(this::connect);
    thread.scheduleWithFixedDelay(this::checkSilence, 100, 100, TimeUnit.MILLISECONDS);
  }

  public void write(String text) {
    thread.execute(() -> {
      OperationDraft draft =
          OperationDraft.newBuilder()
              .setClientSeq(nextClientSeq++)
              .setData(ByteString.copyFromUtf8(text))
              .build();
      if (pending.isEmpty() && lastAckNs != 0) {
        lastAckNs = System.nanoTime();
      }
      pending.put(draft.getClientSeq(), draft);
      if (out != null) {
        send(draft);
      }
    });
  }

  public synchronized List<Operation> seen() {
    return List.copyOf(seen);
  }

  public synchronized Map<Long, Long> acked() {
    return Map.copyOf(acked);
  }

  public synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  /** The longest time with something pending and nothing acknowledged. */
  public synchronized long longestSilenceMillis() {
    return TimeUnit.NANOSECONDS.toMillis(longestSilenceNs);
  }

  private void connect() {
    long mine = ++connection;
    out = null;
    lastHeardNs = System.nanoTime();
    // The first question may find that only the stream was lost.
    var location = cluster.locate(document, attempts++ == 0 ? 0 : epoch);
    if (location.isEmpty()) {
      again(mine);
      return;
    }
    SyncServiceGrpc.newStub(cluster.channel(location.get().getAddress())).sync(new Responses(mine));
    out.onNext(
        SyncRequest.newBuilder()
            .setAttach(Attach.newBuilder().setDocument(document).setFromSeq(seen().size() + 1L))
            .build());
  }

  private void again(long mine) {
    thread.schedule(
        () -> {
          if (mine == connection) {
            close(out);
            connect();
          }
        },
        RELOCATE_MILLIS,
        TimeUnit.MILLISECONDS);
  }

  private static void close(ClientCallStreamObserver<SyncRequest> stream) {
    if (stream != null) {
      stream.cancel("relocated", null);
    }
  }

  private void checkSilence() {
    boolean silent =
        System.nanoTime() - lastHeardNs > TimeUnit.MILLISECONDS.toNanos(SILENCE_MILLIS);
    if (silent && !pending.isEmpty()) {
      attempts++;
      close(out);
      connect();
    }
  }

  private void send(OperationDraft draft) {
    out.onNext(
        SyncRequest.newBuilder()
            .setApply(
                ApplyOperationsRequest.newBuilder()
                    .setDocument(document)
                    .setClientId(clientId)
                    .setUser("user")
                    .addOperations(draft))
            .build());
  }

  private synchronized void onResponse(long mine, SyncResponse response) {
    if (mine != connection) {
      return;
    }
    lastHeardNs = System.nanoTime();
    switch (response.getKindCase()) {
      case ATTACHED -> {
        attempts = 0;
        epoch = response.getAttached().getEpoch();
        if (!response.getAttached().getRecovered()) {
          faults.add("not recovered: " + response.getAttached());
        }
        pending.values().forEach(this::send);
      }
      case OPERATIONS -> response.getOperations().getOperationsList().forEach(this::onOperation);
      case RESULT -> response.getResult().getOutcomesList().forEach(each -> onResult(mine, each));
      case MOVED -> again(mine);
      case PRESENCE, KIND_NOT_SET -> faults.add("unexpected " + response);
    }
  }

  private void onOperation(Operation operation) {
    if (operation.getSeq() != seen.size() + 1) {
      faults.add(operation.getSeq() + " came after " + seen.size());
    }
    seen.add(operation);
  }

  private void onResult(long mine, ApplyResult.Outcome outcome) {
    if (outcome.getSeq() > 0) {
      Long before = acked.put(outcome.getClientSeq(), outcome.getSeq());
      if (before != null && before != outcome.getSeq()) {
        faults.add("acknowledged as " + before + " and as " + outcome.getSeq());
      }
      pending.remove(outcome.getClientSeq());
      long now = System.nanoTime();
      if (lastAckNs != 0) {
        longestSilenceNs = Math.max(longestSilenceNs, now - lastAckNs);
      }
      lastAckNs = now;
    } else if (outcome.getRetryable()) {
      again(mine);
    } else {
      faults.add("refused: " + outcome);
    }
  }

  private final class Responses implements ClientResponseObserver<SyncRequest, SyncResponse> {
    private final long mine;

    Responses(long mine) {
      this.mine = mine;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SyncRequest> requests) {
      out = requests;
    }

    @Override
    public void onNext(SyncResponse response) {
      thread.execute(() -> onResponse(mine, response));
    }

    @Override
    public void onError(Throwable failure) {
      thread.execute(() -> again(mine));
    }

    @Override
    public void onCompleted() {
      thread.execute(() -> again(mine));
    }
  }

  @Override
  public void close() {
    thread.execute(() -> {
      connection++;
      close(out);
      thread.shutdown();
    });
  }
}
