package io.aetherflow.gateway.session;

import io.aetherflow.api.session.v1.BatchTouchSessionsRequest;
import io.aetherflow.api.session.v1.GetSessionRequest;
import io.aetherflow.api.session.v1.SessionEnded;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.api.session.v1.WatchSessionsRequest;
import io.aetherflow.gateway.Backends;
import io.aetherflow.gateway.Loop;
import io.aetherflow.gateway.ws.SocketRegistry;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the sessions of the open sockets alive with one heartbeat a minute, and closes sockets
 * whose sessions ended elsewhere. What the watch misses while it is down, the next heartbeat finds.
 */
public final class SessionKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(SessionKeeper.class);
  private static final long HEARTBEAT_MILLIS = 60_000;
  private static final long WATCH_AGAIN_MILLIS = 1_000;
  private static final long DEADLINE_MILLIS = 5_000;

  /** Bounds one heartbeat request. */
  private static final int SESSIONS_PER_CALL_MAX = 1_000;

  private final Backends backends;
  private final String gateway;
  private final SocketRegistry sockets;
  private final Loop loop;
  private final Executor blocking;
  private final Context.CancellableContext watch = Context.ROOT.withCancellation();
  private volatile boolean stopped;

  public SessionKeeper(
      Backends backends, String gateway, SocketRegistry sockets, Loop loop, Executor blocking) {
    this.backends = backends;
    this.gateway = gateway;
    this.sockets = sockets;
    this.loop = loop;
    this.blocking = blocking;
  }

  public void start() {
    loop.after(HEARTBEAT_MILLIS, this::heartbeat);
    watch();
  }

  public void stop() {
    stopped = true;
    watch.cancel(Status.CANCELLED.withDescription("the gateway stops").asException());
  }

  private void heartbeat() {
    if (!stopped) {
      blocking.execute(this::touchAll);
      loop.after(HEARTBEAT_MILLIS, this::heartbeat);
    }
  }

  private void touchAll() {
    List<String> sessions = sockets.sessions();
    for (int from = 0; from < sessions.size(); from += SESSIONS_PER_CALL_MAX) {
      int to = Math.min(sessions.size(), from + SESSIONS_PER_CALL_MAX);
      try {
        stub()
            .batchTouchSessions(
                BatchTouchSessionsRequest.newBuilder()
                    .setGateway(gateway)
                    .addAllIds(sessions.subList(from, to))
                    .build())
            .getMissingList()
            .forEach(id -> sockets.end(id, "the session has ended"));
      } catch (StatusRuntimeException e) {
        LOG.warn("Heartbeat of {} sessions failed: {}", to - from, e.getStatus());
      }
    }
  }

  private void watch() {
    if (stopped) {
      return;
    }
    WatchSessionsRequest request = WatchSessionsRequest.newBuilder().setGateway(gateway).build();
    watch.run(() ->
        SessionServiceGrpc.newStub(backends.sessionService()).watchSessions(request, new Ends()));
  }

  private void watchAgain() {
    if (!stopped) {
      loop.after(
          WATCH_AGAIN_MILLIS,
          () -> {
            watch();
            blocking.execute(this::touchAll);
          });
    }
  }

  /** A session that left and came back must not be closed for its leaving. */
  private void confirm(SessionEnded ended) {
    try {
      var session = stub().getSession(GetSessionRequest.newBuilder().setId(ended.getId()).build());
      if (session.getGateway().equals(gateway)) {
        return;
      }
    } catch (StatusRuntimeException e) {
      LOG.debug("Session {} ended: {}", ended.getId(), e.getStatus());
    }
    String reason = ended.getReason().isEmpty() ? "the session has ended" : ended.getReason();
    sockets.end(ended.getId(), reason);
  }

  private SessionServiceGrpc.SessionServiceBlockingStub stub() {
    return SessionServiceGrpc.newBlockingStub(backends.sessionService())
        .withDeadlineAfter(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
  }

  private final class Ends implements StreamObserver<SessionEnded> {
    @Override
    public void onNext(SessionEnded ended) {
      if (sockets.contains(ended.getId())) {
        blocking.execute(() -> confirm(ended));
      }
    }

    @Override
    public void onError(Throwable failure) {
      watchAgain();
    }

    @Override
    public void onCompleted() {
      watchAgain();
    }
  }
}
