package io.aetherflow.runtime.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.aetherflow.api.session.v1.GetSessionRequest;
import io.aetherflow.api.session.v1.Session;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.api.session.v1.UpdateSessionRequest;
import io.aetherflow.runtime.AetherRuntime;
import io.aetherflow.runtime.balance.InTurn;
import io.aetherflow.runtime.balance.PeakEwmaBalancerProvider;
import io.aetherflow.runtime.testing.EtcdServer;
import io.aetherflow.runtime.testing.TestRuntimes;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls over Quantum to instances found in a real etcd. */
@Timeout(90)
final class BalancedCallsTest {
  private static final String SERVICE = "session-service";
  private static final long CALL_GAP_NS = 2_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<Instance> instances = new ArrayList<>();
  private EtcdServer etcd;
  private AetherRuntime caller;
  private SessionServiceGrpc.SessionServiceBlockingStub stub;

  private static final class Instance extends SessionServiceGrpc.SessionServiceImplBase {
    final AetherRuntime runtime;
    final Server server;
    final AtomicInteger calls = new AtomicInteger();
    final CountDownLatch firstCall = new CountDownLatch(1);
    volatile boolean failing;
    private final CountDownLatch updating = new CountDownLatch(1);
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    Instance(EtcdServer etcd, String name) throws IOException {
      runtime = TestRuntimes.start(etcd, SERVICE, name);
      server = runtime.transports().server(0).addService(this).build().start();
      runtime.onDrain("grpc", this::stop);
    }

    void register() {
      runtime.register(SERVICE, server.getPort());
    }

    private void stop() {
      server.shutdown();
      try {
        server.awaitTermination(5, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void getSession(GetSessionRequest request, StreamObserver<Session> out) {
      calls.incrementAndGet();
      firstCall.countDown();
      if (failing) {
        out.onError(Status.UNAVAILABLE.withDescription("told to fail").asRuntimeException());
        return;
      }
      out.onNext(Session.newBuilder().setId(request.getId()).build());
      out.onCompleted();
    }

    @Override
    public void updateSession(UpdateSessionRequest request, StreamObserver<Session> out) {
      calls.incrementAndGet();
      if (failing) {
        out.onError(Status.UNAVAILABLE.withDescription("told to fail").asRuntimeException());
        return;
      }
      updating.countDown();
      released.thenRun(() -> {
        out.onNext(Session.getDefaultInstance());
        out.onCompleted();
      });
    }
  }

  @BeforeEach
  void start() throws IOException {
    etcd = EtcdServer.running();
    caller = TestRuntimes.start(etcd, "api-gateway", "g-0");
    stub =
        SessionServiceGrpc.newBlockingStub(caller.transports().channel(SERVICE)).withWaitForReady();
  }

  @AfterEach
  void stop() {
    caller.close();
    instances.forEach(each -> each.runtime.close());
    etcd.close();
  }

  private Instance instance() throws IOException {
    Instance instance = new Instance(etcd, "s-" + instances.size());
    instances.add(instance);
    return instance;
  }

  private void get() {
    assertThat(stub.getSession(GetSessionRequest.newBuilder().setId("x").build()).getId())
        .isEqualTo("x");
  }

  /** Also when another question is asked between the two calls of one. */
  @Test
  void aHeldCallThatIsMadeAgainGoesToTheNextInstance() throws Exception {
    Instance first = instance();
    Instance second = instance();
    first.register();
    second.register();
    await()
        .until(() -> {
          get();
          return first.calls.get() > 0 && second.calls.get() > 0;
        });
    InTurn question = new InTurn(0);
    InTurn another = new InTurn(0);
    boolean once = reaches(first, question);
    reaches(first, another);
    assertThat(reaches(first, question)).isNotEqualTo(once);
    reaches(first, another);
    assertThat(reaches(first, question)).isEqualTo(once);
  }

  private boolean reaches(Instance instance, InTurn turn) {
    int before = instance.calls.get();
    stub.withOption(PeakEwmaBalancerProvider.HELD, turn)
        .getSession(GetSessionRequest.newBuilder().setId("x").build());
    return instance.calls.get() > before;
  }

  @Test
  void aNewInstanceTakesCallsWithinATenthOfASecond() throws Exception {
    instance().register();
    get();
    AtomicBoolean stop = new AtomicBoolean();
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(() -> {
          while (!stop.get()) {
            get();
            LockSupport.parkNanos(CALL_GAP_NS);
          }
        });
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      Instance fresh = instance();
      long registeredNs = System.nanoTime();
      fresh.register();
      assertThat(fresh.firstCall.await(20, TimeUnit.SECONDS)).isTrue();
      millis.add((System.nanoTime() - registeredNs) / 1_000_000);
    }
    stop.set(true);
    load.join();
    System.out.println("milliseconds from registration to the first call: " + millis);
    assertThat(millis.stream().sorted().toList().get(millis.size() / 2)).isLessThan(100);
  }

  @Test
  void aRollingRestartFailsNoCall() throws Exception {
    for (int i = 0; i < 2; i++) {
      instance().register();
    }
    get();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      callers.add(
          CompletableFuture.runAsync(
              () -> {
                while (!stop.get()) {
                  get();
                  done.incrementAndGet();
                }
              },
              task -> Thread.ofVirtual().start(task)));
    }
    for (int i = 0; i < 2; i++) {
      Instance next = instance();
      next.register();
      assertThat(next.firstCall.await(20, TimeUnit.SECONDS)).isTrue();
      instances.get(i).runtime.close();
    }
    stop.set(true);
    CompletableFuture.allOf(callers.toArray(CompletableFuture[]::new)).join();
    assertThat(done.get()).isPositive();
  }

  @Test
  void aCallUnderWayEndsWhileItsInstanceLeaves() throws Exception {
    Instance leaving = instance();
    leaving.register();
    get();
    // Not repeated elsewhere, so that only this instance can answer.
    var slow =
        SessionServiceGrpc.newFutureStub(caller.transports().channel(SERVICE))
            .updateSession(UpdateSessionRequest.getDefaultInstance());
    assertThat(leaving.updating.await(10, TimeUnit.SECONDS)).isTrue();
    Instance staying = instance();
    staying.register();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(leaving.runtime::close);
    await()
        .atMost(PATIENCE)
        .until(() -> {
          int before = leaving.calls.get();
          get();
          return staying.calls.get() > 0 && leaving.calls.get() == before;
        });
    leaving.released.complete(null);
    assertThat(slow.get(5, TimeUnit.SECONDS)).isEqualTo(Session.getDefaultInstance());
    closing.get(10, TimeUnit.SECONDS);
  }

  @Test
  void idempotentCallsAreRepeatedElsewhereWithinABudgetAndOthersAreNot() throws Exception {
    Instance bad = instance();
    Instance good = instance();
    bad.failing = true;
    bad.register();
    good.register();
    await()
        .atMost(PATIENCE)
        .until(() -> {
          get();
          return good.calls.get() > 0 && bad.calls.get() > 0;
        });
    int ejectedAt = bad.calls.get();
    for (int i = 0; i < 100; i++) {
      get();
    }
    assertThat(bad.calls.get() - ejectedAt).as("the breaker opened").isLessThan(20);

    good.failing = true;
    int before = bad.calls.get() + good.calls.get();
    assertThat(status(() -> stub.updateSession(UpdateSessionRequest.getDefaultInstance())))
        .isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(bad.calls.get() + good.calls.get() - before).as("not repeated").isEqualTo(1);
  }

  @Test
  void anOutageIsNotMultipliedByRetries() throws Exception {
    Instance lone = instance();
    lone.register();
    get();
    lone.failing = true;
    int before = lone.calls.get();
    int asked = 200;
    for (int i = 0; i < asked; i++) {
      assertThat(status(this::get)).isEqualTo(Status.Code.UNAVAILABLE);
    }
    assertThat(lone.calls.get() - before)
        .isBetween(asked + 1, asked + (int) RetryPolicy.BUDGET_TOKENS_MAX);
  }

  private static Status.Code status(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }
}
