package io.aetherflow.gateway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentResponse;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncRequest;
import io.aetherflow.api.statesync.v1.SyncResponse;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.Loop;
import io.aetherflow.gateway.hub.Subscription.From;
import io.aetherflow.runtime.balance.PeakEwmaBalancerProvider;
import io.aetherflow.runtime.trace.Tracing;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More documents lose their owner at once than may wait for its successor. */
@Timeout(60)
final class HeldQuestionsTest {
  private static final int BEYOND = 16;
  private static final int DOCUMENTS = DocumentHub.HELD_MAX + BEYOND;
  private static final String OWNER = "owner";
  private static final long EPOCH = 10;

  private final String name = UUID.randomUUID().toString();
  private final ScheduledExecutorService hubThread = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final Held held = new Held();
  private final Owner owner = new Owner();
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();
  private Server server;
  private ManagedChannel channel;
  private DocumentHub hub;

  @BeforeEach
  void start() throws IOException {
    server =
        InProcessServerBuilder.forName(name)
            .addService(owner)
            .addService(new Routing())
            .build()
            .start();
    channel = InProcessChannelBuilder.forName(name).intercept(held).build();
    hub =
        new DocumentHub(
            new Instances(),
            new HubThread(),
            blocking,
            System::nanoTime,
            new Random(1),
            Tracing.NONE);
  }

  @AfterEach
  void stop() {
    hub.close().join();
    channel.shutdownNow();
    server.shutdownNow();
    hubThread.shutdownNow();
    blocking.shutdownNow();
  }

  @Test
  void noMoreThanTheBoundWaitForASuccessorAndTheOthersAskAgain() {
    for (int i = 0; i < DOCUMENTS; i++) {
      hub.attach("doc" + i, new RecordingSubscriber("client" + i, 1), From.seq(1));
    }
    await().until(() -> owner.attached.size() == DOCUMENTS);
    asked.clear();
    owner.die();
    await().until(() -> asked.values().stream().filter(times -> times >= 3).count() >= BEYOND);
    assertThat(held.most()).isEqualTo(DocumentHub.HELD_MAX);

    owner.attached.clear();
    owner.dead = false;
    await().until(() -> owner.attached.size() == DOCUMENTS);
    assertThat(held.most()).isEqualTo(DocumentHub.HELD_MAX);
  }

  private final class Instances implements Backends {
    @Override
    public Channel sessionService() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Channel stateSync() {
      return channel;
    }

    @Override
    public Channel stateSyncAt(String address) {
      return channel;
    }
  }

  private final class HubThread implements Loop {
    @Override
    public void execute(Runnable task) {
      hubThread.execute(task);
    }

    @Override
    public void after(long delayMillis, Runnable task) {
      hubThread.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
    }
  }

  private static final class Owner extends SyncServiceGrpc.SyncServiceImplBase {
    final Set<String> attached = ConcurrentHashMap.newKeySet();
    private final Set<StreamObserver<SyncResponse>> streams = ConcurrentHashMap.newKeySet();
    volatile boolean dead;

    void die() {
      dead = true;
      streams.forEach(Owner::refuse);
    }

    private static void refuse(StreamObserver<SyncResponse> out) {
      out.onError(Status.UNAVAILABLE.asRuntimeException());
    }

    @Override
    public StreamObserver<SyncRequest> sync(StreamObserver<SyncResponse> out) {
      if (dead) {
        refuse(out);
      } else {
        streams.add(out);
      }
      return new StreamObserver<>() {
        @Override
        public void onNext(SyncRequest request) {
          if (!dead && request.hasAttach()) {
            String document = request.getAttach().getDocument();
            attached.add(document);
            out.onNext(
                SyncResponse.newBuilder()
                    .setAttached(
                        Attached.newBuilder()
                            .setDocument(document)
                            .setEpoch(EPOCH)
                            .setRecovered(true))
                    .build());
          }
        }

        @Override
        public void onError(Throwable failure) {
          streams.remove(out);
        }

        @Override
        public void onCompleted() {
          streams.remove(out);
          out.onCompleted();
        }
      };
    }
  }

  /** Knows of no successor: such a question is held until its time is up. */
  private final class Routing extends RoutingServiceGrpc.RoutingServiceImplBase {
    @Override
    public void locateDocument(
        LocateDocumentRequest request, StreamObserver<LocateDocumentResponse> out) {
      if (request.getStaleEpoch() == 0) {
        asked.merge(request.getDocument(), 1, Integer::sum);
        out.onNext(
            LocateDocumentResponse.newBuilder()
                .setOwner(OWNER)
                .setAddress(OWNER)
                .setEpoch(EPOCH)
                .build());
        out.onCompleted();
      }
    }
  }

  /** Of how many documents held questions were under way at once. */
  private static final class Held implements ClientInterceptor {
    private final Map<String, Integer> underWay = new HashMap<>();
    private int most;

    synchronized int most() {
      return most;
    }

    private synchronized void begun(String document) {
      underWay.merge(document, 1, Integer::sum);
      most = Math.max(most, underWay.size());
    }

    private synchronized void ended(String document) {
      underWay.computeIfPresent(document, (_, calls) -> calls == 1 ? null : calls - 1);
    }

    @Override
    public <Q, R> ClientCall<Q, R> interceptCall(
        MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
      ClientCall<Q, R> call = next.newCall(method, options);
      return options.getOption(PeakEwmaBalancerProvider.HELD) == null ? call : counted(call);
    }

    private <Q, R> ClientCall<Q, R> counted(ClientCall<Q, R> call) {
      return new SimpleForwardingClientCall<>(call) {
        private volatile String document = "";

        @Override
        public void start(Listener<R> listener, Metadata headers) {
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onClose(Status status, Metadata trailers) {
                  ended(document);
                  super.onClose(status, trailers);
                }
              },
              headers);
        }

        @Override
        public void sendMessage(Q message) {
          document = ((LocateDocumentRequest) message).getDocument();
          begun(document);
          super.sendMessage(message);
        }
      };
    }
  }
}
