package io.aetherflow.session;

import com.google.protobuf.Duration;
import com.google.protobuf.Empty;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.session.v1.BatchTouchSessionsRequest;
import io.aetherflow.api.session.v1.BatchTouchSessionsResponse;
import io.aetherflow.api.session.v1.CreateSessionRequest;
import io.aetherflow.api.session.v1.CreateSessionResponse;
import io.aetherflow.api.session.v1.DeleteSessionRequest;
import io.aetherflow.api.session.v1.GetSessionRequest;
import io.aetherflow.api.session.v1.ListSessionsRequest;
import io.aetherflow.api.session.v1.ListSessionsResponse;
import io.aetherflow.api.session.v1.ResumeSessionRequest;
import io.aetherflow.api.session.v1.RevokeUserSessionsRequest;
import io.aetherflow.api.session.v1.RevokeUserSessionsResponse;
import io.aetherflow.api.session.v1.Session;
import io.aetherflow.api.session.v1.SessionEnded;
import io.aetherflow.api.session.v1.SessionServiceGrpc.SessionServiceImplBase;
import io.aetherflow.api.session.v1.UpdateSessionRequest;
import io.aetherflow.api.session.v1.WatchSessionsRequest;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The session service over gRPC. Handlers block, on virtual threads. */
final class SessionGrpc extends SessionServiceImplBase {
  private static final long TTL_MILLIS = 30 * 60 * 1_000L;

  /** Against a caller that wants to keep a session for ever. */
  private static final long TTL_MILLIS_MAX = 24 * 3_600_000L;

  /**
   * Against a user who opens sessions for ever: more than sockets at many gateways need, those that
   * may still be resumed included. A few made at once may exceed it.
   */
  static final int SESSIONS_PER_USER_MAX = 10_000;

  /** Bounds what one session adds to etcd. */
  private static final int LABELS_MAX = 32;

  /**
   * Of all names and values of one session's labels in UTF-8, against whoever would fill with them
   * the memory of every session pod, which mirrors all sessions, or a heartbeat's transaction,
   * which holds {@value SessionStore#TOGETHER_MAX} sessions within etcd's 1.5 MiB. As JSON, in
   * which a byte may become six, they make a session 10 KiB at most.
   */
  static final int LABEL_BYTES_MAX = 1_024;

  /** Of a user's or a gateway's name; bounds what one session adds to etcd. */
  private static final int TEXT_CHARS_MAX = 256;

  /** Bounds one call's work; a gateway with more sockets calls again. */
  private static final int TOUCHES_MAX = 1_000;

  private static final int PAGE_DEFAULT = 100;

  private final SessionStore store;
  private final Heartbeat heartbeat;
  private final ResumeTokens tokens;
  private final SessionEnds ends;
  private final Clock clock;

  SessionGrpc(SessionStore store, ResumeTokens tokens, SessionEnds ends, Clock clock) {
    this.store = store;
    this.heartbeat = new Heartbeat(store);
    this.tokens = tokens;
    this.ends = ends;
    this.clock = clock;
  }

  @Override
  public void createSession(
      CreateSessionRequest request, StreamObserver<CreateSessionResponse> answer) {
    Calls.answer(
        answer,
        () -> {
          Calls.require(!request.getUser().isEmpty(), "user is missing");
          Calls.require(request.getUser().length() <= TEXT_CHARS_MAX, "user is too long");
          checkGateway(request.getGateway());
          checkLabels(request.getLabelsMap());
          if (ends.sessions(request.getUser()) >= SESSIONS_PER_USER_MAX) {
            throw Status.RESOURCE_EXHAUSTED
                .withDescription("a user has at most " + SESSIONS_PER_USER_MAX + " sessions")
                .asRuntimeException();
          }
          String token = tokens.create();
          long now = clock.millis();
          StoredSession session =
              new StoredSession(
                  idFor(request),
                  request.getUser(),
                  request.getGateway(),
                  request.getLabelsMap(),
                  now,
                  now + ttlMillis(request.getTtl()),
                  ResumeTokens.hash(token),
                  List.of());
          StoredSession stored =
              store.create(session) ? session : repeated(session.id(), request, token);
          return created(stored, token);
        });
  }

  /** A retried call finds its own first attempt; the token of that one was never seen. */
  private StoredSession repeated(String id, CreateSessionRequest request, String token) {
    return store
        .update(id, found -> found.movedTo(request.getGateway(), ResumeTokens.hash(token)))
        .orElseThrow(() -> Status.ABORTED.withDescription("try again").asRuntimeException());
  }

  private static String idFor(CreateSessionRequest request) {
    if (request.getRequestId().isEmpty()) {
      return UUID.randomUUID().toString();
    }
    String seed = request.getUser() + "\n" + request.getRequestId();
    return UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).toString();
  }

  @Override
  public void getSession(GetSessionRequest request, StreamObserver<Session> answer) {
    Calls.answer(answer, () -> live(request.getId()).toProto());
  }

  @Override
  public void listSessions(
      ListSessionsRequest request, StreamObserver<ListSessionsResponse> answer) {
    Calls.answer(
        answer,
        () -> {
          int size = request.getPageSize() == 0 ? PAGE_DEFAULT : request.getPageSize();
          Optional<String> from = Calls.pageStart(request.getPageToken());
          SessionStore.Page page = store.page(from, size);
          ListSessionsResponse.Builder response = ListSessionsResponse.newBuilder();
          page.sessions().stream()
              .map(SessionStore.Found::session)
              .filter(matching(request.getUser(), request.getGateway()))
              .forEach(session -> response.addSessions(session.toProto()));
          page.next().map(SessionGrpc::pageToken).ifPresent(response::setNextPageToken);
          return response.build();
        });
  }

  @Override
  public void updateSession(UpdateSessionRequest request, StreamObserver<Session> answer) {
    Calls.answer(
        answer,
        () -> {
          checkLabels(request.getSession().getLabelsMap());
          String id = request.getSession().getId();
          live(id);
          return store
              .update(id, found -> found.labelled(request.getSession().getLabelsMap()))
              .orElseThrow(() -> notFound(id))
              .toProto();
        });
  }

  @Override
  public void deleteSession(DeleteSessionRequest request, StreamObserver<Empty> answer) {
    Calls.answer(
        answer,
        () -> {
          store.delete(request.getId());
          return Empty.getDefaultInstance();
        });
  }

  @Override
  public void resumeSession(
      ResumeSessionRequest request, StreamObserver<CreateSessionResponse> answer) {
    Calls.answer(
        answer,
        () -> {
          checkGateway(request.getGateway());
          StoredSession session = live(request.getId());
          checkToken(request, session);
          String token = tokens.create();
          StoredSession moved =
              store
                  .update(
                      request.getId(),
                      found -> {
                        checkToken(request, found);
                        checkAwaited();
                        return found.resumedWith(
                            request.getResumeToken(),
                            request.getGateway(),
                            ResumeTokens.hash(token));
                      })
                  .orElseThrow(() -> notFound(request.getId()));
          return created(moved, token);
        });
  }

  private static void checkToken(ResumeSessionRequest request, StoredSession session) {
    if (!session.accepts(request.getResumeToken())) {
      throw Status.PERMISSION_DENIED
          .withDescription("the resume token is not one of this session's present ones")
          .asRuntimeException();
    }
  }

  /** A late resume would take the session from where its client has resumed it meanwhile. */
  private static void checkAwaited() {
    Deadline deadline = Context.current().getDeadline();
    if (Context.current().isCancelled() || deadline != null && deadline.isExpired()) {
      throw Status.CANCELLED.withDescription("nobody waits for it any more").asRuntimeException();
    }
  }

  @Override
  public void batchTouchSessions(
      BatchTouchSessionsRequest request, StreamObserver<BatchTouchSessionsResponse> answer) {
    Calls.answer(
        answer,
        () -> {
          Calls.require(
              request.getIdsCount() <= TOUCHES_MAX, "one call touches at most " + TOUCHES_MAX);
          List<String> missing =
              heartbeat.touch(request.getIdsList(), clock.millis(), ttlMillis(request.getTtl()));
          return BatchTouchSessionsResponse.newBuilder().addAllMissing(missing).build();
        });
  }

  @Override
  public void revokeUserSessions(
      RevokeUserSessionsRequest request, StreamObserver<RevokeUserSessionsResponse> answer) {
    Calls.answer(
        answer,
        () -> {
          Calls.require(!request.getUser().isEmpty(), "user is missing");
          List<String> ended = new ArrayList<>();
          Optional<String> from = Optional.empty();
          do {
            SessionStore.Page page = store.page(from, TOUCHES_MAX);
            page.sessions().stream()
                .map(SessionStore.Found::session)
                .filter(session -> session.user().equals(request.getUser()))
                .forEach(session -> ended.add(session.id()));
            from = page.next();
          } while (from.isPresent());
          ended.forEach(store::delete);
          return RevokeUserSessionsResponse.newBuilder().setEnded(ended.size()).build();
        });
  }

  @Override
  public void watchSessions(WatchSessionsRequest request, StreamObserver<SessionEnded> answer) {
    ends.watch(request.getGateway(), (ServerCallStreamObserver<SessionEnded>) answer);
  }

  private StoredSession live(String id) {
    return store
        .find(id)
        .filter(found -> !expired(found))
        .map(SessionStore.Found::session)
        .orElseThrow(() -> notFound(id));
  }

  private boolean expired(SessionStore.Found found) {
    return found.session().expired(clock.millis());
  }

  private Predicate<StoredSession> matching(String user, String gateway) {
    long now = clock.millis();
    return session ->
        !session.expired(now)
            && (user.isEmpty() || session.user().equals(user))
            && (gateway.isEmpty() || session.gateway().equals(gateway));
  }

  private static CreateSessionResponse created(StoredSession session, String token) {
    return CreateSessionResponse.newBuilder()
        .setSession(session.toProto())
        .setResumeToken(token)
        .build();
  }

  private static void checkGateway(String gateway) {
    Calls.require(gateway.length() <= TEXT_CHARS_MAX, "gateway is too long");
  }

  private static void checkLabels(Map<String, String> labels) {
    Calls.require(labels.size() <= LABELS_MAX, "a session has at most " + LABELS_MAX + " labels");
    int bytes =
        labels.entrySet().stream()
            .mapToInt(label -> utf8Bytes(label.getKey()) + utf8Bytes(label.getValue()))
            .sum();
    Calls.require(
        bytes <= LABEL_BYTES_MAX,
        "the labels of a session have together at most " + LABEL_BYTES_MAX + " bytes");
  }

  private static int utf8Bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static long ttlMillis(Duration ttl) {
    long asked = ttl.getSeconds() * 1_000 + ttl.getNanos() / 1_000_000;
    Calls.require(
        asked >= 0 && asked <= TTL_MILLIS_MAX, "ttl must be at most " + TTL_MILLIS_MAX + " ms");
    return asked == 0 ? TTL_MILLIS : asked;
  }

  private static String pageToken(String key) {
    return Base64.getUrlEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static RuntimeException notFound(String id) {
    return Status.NOT_FOUND
        .withDescription("session " + id + " is unknown, expired or ended")
        .asRuntimeException();
  }

  /** Answers of unary calls. */
  static final class Calls {
    private Calls() {}

    static <A> void answer(StreamObserver<A> observer, Supplier<A> work) {
      A answer;
      try {
        answer = work.get();
      } catch (StatusRuntimeException e) {
        observer.onError(e);
        return;
      } catch (RuntimeException e) {
        observer.onError(
            Status.UNAVAILABLE
                .withDescription("the session store does not answer")
                .withCause(e)
                .asRuntimeException());
        return;
      }
      observer.onNext(answer);
      observer.onCompleted();
    }

    static void require(boolean condition, String sentence) {
      if (!condition) {
        throw Status.INVALID_ARGUMENT.withDescription(sentence).asRuntimeException();
      }
    }

    static Optional<String> pageStart(String token) {
      if (token.isEmpty()) {
        return Optional.empty();
      }
      try {
        String key = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        require(key.startsWith(EtcdKeys.SESSIONS), "page_token is not ours");
        return Optional.of(key);
      } catch (IllegalArgumentException e) {
        throw Status.INVALID_ARGUMENT
            .withDescription("page_token is not ours")
            .asRuntimeException();
      }
    }
  }
}
