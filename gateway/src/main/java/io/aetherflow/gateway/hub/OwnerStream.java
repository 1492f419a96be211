package io.aetherflow.gateway.hub;

import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.gateway.hub.OutgoingRequests.Waiting;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;

/** The Sync stream to one owner. Its methods and callbacks run on the hub's thread. */
final class OwnerStream implements HubIo.OwnerLink {
  /** Caps responses the hub has not worked off yet; more wait in the owner. */
  private static final int RESPONSES_IN_FLIGHT_MAX = 64;

  private final String address;
  private final Executor hub;
  private final BiConsumer<OwnerStream, SyncResponse> onResponse;
  private final BiConsumer<OwnerStream, String> onBroken;
  private final OutgoingRequests waiting = new OutgoingRequests();
  private ClientCallStreamObserver<SyncRequest> call;
  private boolean broken;
  private boolean asking;
  private String successor = "";
  private long heardNs;

  OwnerStream(
      String address,
      Executor hub,
      long nowNs,
      BiConsumer<OwnerStream, SyncResponse> onResponse,
      BiConsumer<OwnerStream, String> onBroken) {
    this.address = address;
    this.hub = hub;
    heardNs = nowNs;
    this.onResponse = onResponse;
    this.onBroken = onBroken;
  }

  void open(Channel channel) {
    SyncServiceGrpc.newStub(channel).sync(new Responses());
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public void sendPresence(SyncRequest request) {
    if (!broken) {
      waiting.addPresence(request);
      sendWhatFits();
    }
  }

  @Override
  public void send(SyncRequest request) {
    send(request, () -> {});
  }

  @Override
  public void send(SyncRequest request, Runnable left) {
    if (broken) {
      left.run();
      return;
    }
    waiting.add(new Waiting(request, left));
    sendWhatFits();
    if (waiting.full()) {
      abandon("it takes requests too slowly");
    }
  }

  /** More than the transport takes would pile up in it, unbounded and unseen. */
  private void sendWhatFits() {
    while (!broken && call.isReady() && !waiting.isEmpty()) {
      Waiting next = waiting.remove();
      call.onNext(next.request());
      next.left().run();
    }
  }

  /** It said something. */
  void heard(long nowNs) {
    heardNs = nowNs;
  }

  /**
   * Whether to ask who has taken over: only of an owner that is silent altogether, or a slow one
   * would get more to do, and once for all its documents.
   */
  boolean mayAskForSuccessor(long nowNs) {
    boolean may = !asking && nowNs - heardNs > DocumentState.SUSPECT_NS;
    asking |= may;
    return may;
  }

  void successorAnswered() {
    asking = false;
  }

  @Override
  public void abandon(String why) {
    if (!broken) {
      call.cancel(why, null);
      broke(why);
    }
  }

  @Override
  public void abandonFor(String successor) {
    this.successor = successor;
    abandon(successor + " has taken over a document of it");
  }

  /** Who has taken over from this owner; empty when nobody is known. */
  String successor() {
    return successor;
  }

  /**
   * Ends the stream once no document uses it: in good order, or, if the owner takes nothing, at the
   * price of requests whose senders no longer wait for an answer.
   */
  void close() {
    if (broken) {
      return;
    }
    sendWhatFits();
    broken = true;
    if (waiting.onlyPresence()) {
      call.onCompleted();
    } else {
      call.cancel("it takes requests too slowly", null);
      dropWaiting();
    }
  }

  private void dropWaiting() {
    while (!waiting.isEmpty()) {
      waiting.remove().left().run();
    }
  }

  private void broke(String why) {
    if (!broken) {
      broken = true;
      dropWaiting();
      onBroken.accept(this, why);
    }
  }

  private final class Responses implements ClientResponseObserver<SyncRequest, SyncResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<SyncRequest> requests) {
      call = requests;
      requests.setOnReadyHandler(() -> hub.execute(OwnerStream.this::sendWhatFits));
      requests.disableAutoRequestWithInitial(RESPONSES_IN_FLIGHT_MAX);
    }

    @Override
    public void onNext(SyncResponse response) {
      hub.execute(() -> {
        if (!broken) {
          onResponse.accept(OwnerStream.this, response);
          call.request(1);
        }
      });
    }

    @Override
    public void onError(Throwable failure) {
      hub.execute(() -> broke(failure.getMessage()));
    }

    @Override
    public void onCompleted() {
      hub.execute(() -> broke("the owner ended the stream"));
    }
  }
}
