package io.aetherflow.gateway.testing;

import com.google.protobuf.Empty;
import io.aetherflow.api.session.v1.BatchTouchSessionsRequest;
import io.aetherflow.api.session.v1.BatchTouchSessionsResponse;
import io.aetherflow.api.session.v1.CreateSessionRequest;
import io.aetherflow.api.session.v1.CreateSessionResponse;
import io.aetherflow.api.session.v1.DeleteSessionRequest;
import io.aetherflow.api.session.v1.GetSessionRequest;
import io.aetherflow.api.session.v1.ListSessionsRequest;
import io.aetherflow.api.session.v1.ListSessionsResponse;
import io.aetherflow.api.session.v1.ResumeSessionRequest;
import io.aetherflow.api.session.v1.Session;
import io.aetherflow.api.session.v1.SessionEnded;
import io.aetherflow.api.session.v1.SessionServiceGrpc;
import io.aetherflow.api.session.v1.WatchSessionsRequest;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The session service in memory. */
public final class FakeSessions extends SessionServiceGrpc.SessionServiceImplBase {
  private final Map<String, Session> sessions = new HashMap<>();
  private final Map<String, String> tokens = new HashMap<>();
  private final Map<String, StreamObserver<SessionEnded>> watches = new HashMap<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean holding;

  @Override
  public synchronized void createSession(
      CreateSessionRequest request, StreamObserver<CreateSessionResponse> out) {
    Session session =
        Session.newBuilder()
            .setId(UUID.randomUUID().toString())
            .setUser(request.getUser())
            .setGateway(request.getGateway())
            .putAllLabels(request.getLabelsMap())
            .build();
    if (holding) {
      held.add(() -> answer(out, session));
      notifyAll();
    } else {
      answer(out, session);
    }
  }

  /** Sessions that are asked for wait from now on. */
  synchronized void hold() {
    holding = true;
  }

  synchronized void awaitHeld() throws InterruptedException {
    while (held.isEmpty()) {
      wait();
    }
  }

  synchronized void release() {
    holding = false;
    held.forEach(Runnable::run);
    held.clear();
  }

  @Override
  public synchronized void resumeSession(
      ResumeSessionRequest request, StreamObserver<CreateSessionResponse> out) {
    Session known = sessions.get(request.getId());
    if (known == null) {
      out.onError(Status.NOT_FOUND.asRuntimeException());
    } else if (!tokens.get(request.getId()).equals(request.getResumeToken())) {
      out.onError(Status.PERMISSION_DENIED.asRuntimeException());
    } else {
      answer(out, known.toBuilder().setGateway(request.getGateway()).build());
      if (!known.getGateway().equals(request.getGateway())) {
        ended(known, "moved");
      }
    }
  }

  @Override
  public synchronized void getSession(GetSessionRequest request, StreamObserver<Session> out) {
    Session session = sessions.get(request.getId());
    if (session == null) {
      out.onError(Status.NOT_FOUND.asRuntimeException());
      return;
    }
    out.onNext(session);
    out.onCompleted();
  }

  @Override
  public synchronized void listSessions(
      ListSessionsRequest request, StreamObserver<ListSessionsResponse> out) {
    List<Session> own =
        sessions.values().stream().filter(s -> s.getUser().equals(request.getUser())).toList();
    out.onNext(ListSessionsResponse.newBuilder().addAllSessions(own).build());
    out.onCompleted();
  }

  @Override
  public synchronized void deleteSession(DeleteSessionRequest request, StreamObserver<Empty> out) {
    Session session = sessions.remove(request.getId());
    out.onNext(Empty.getDefaultInstance());
    out.onCompleted();
    if (session != null) {
      ended(session, request.getReason());
    }
  }

  @Override
  public synchronized void batchTouchSessions(
      BatchTouchSessionsRequest request, StreamObserver<BatchTouchSessionsResponse> out) {
    out.onNext(
        BatchTouchSessionsResponse.newBuilder()
            .addAllMissing(
                request.getIdsList().stream().filter(id -> !sessions.containsKey(id)).toList())
            .build());
    out.onCompleted();
  }

  @Override
  public synchronized void watchSessions(
      WatchSessionsRequest request, StreamObserver<SessionEnded> out) {
    watches.put(request.getGateway(), out);
  }

  private void answer(StreamObserver<CreateSessionResponse> out, Session session) {
    String token = UUID.randomUUID().toString();
    sessions.put(session.getId(), session);
    tokens.put(session.getId(), token);
    out.onNext(
        CreateSessionResponse.newBuilder().setSession(session).setResumeToken(token).build());
    out.onCompleted();
  }

  private void ended(Session session, String reason) {
    StreamObserver<SessionEnded> watch = watches.get(session.getGateway());
    if (watch != null) {
      watch.onNext(
          SessionEnded.newBuilder()
              .setId(session.getId())
              .setUser(session.getUser())
              .setReason(reason)
              .build());
    }
  }
}
