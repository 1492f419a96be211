package io.aetherflow.gateway.ws;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.Presence;
import io.aetherflow.gateway.RequestId;
import io.aetherflow.gateway.Traced;
import io.aetherflow.gateway.auth.Principal;
import io.aetherflow.gateway.auth.Right;
import io.aetherflow.gateway.hub.Subscription.From;
import io.aetherflow.gateway.session.SessionGateway;
import io.aetherflow.gateway.yjs.AwarenessState;
import io.aetherflow.gateway.yjs.Coverage;
import io.aetherflow.gateway.yjs.MalformedException;
import io.aetherflow.gateway.yjs.YjsMessage;
import io.aetherflow.gateway.yjs.YjsUpdate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * The protocol of one Yjs socket. An update is stored before anybody sees it, its sender included.
 * Methods run on the socket's thread, the on... methods of {@link YjsSubscriber} on the hub's.
 */
final class YjsSession implements OpenSocket, Inbound {
  /** Statesync takes no larger operation. */
  static final int UPDATE_BYTES_MAX = 512 * 1024;

  /** Providers give a connection up after 30 s without a message. */
  private static final long KEEP_ALIVE_MILLIS = 20_000;

  private static final byte[] KEEP_ALIVE = YjsMessage.awareness(List.of());

  private final Services services;
  private final AwarenessRooms rooms;
  private final YjsStates states;
  private final Outbound out;
  private final Executor thread;
  private final String document;
  private final OperationsInFlight inFlight;
  private final OpenQuestion asked;
  private final Liveness liveness = new Liveness();

  private Principal principal;
  private Set<Right> rights;
  private String session = "";
  private YjsSubscriber subscriber;
  private long clientSeq;
  private boolean closed;
  private boolean paused;
  private boolean toldReadOnly;
  private Outbound.Timer expiry = () -> {};
  private Outbound.Timer keepAlive = () -> {};

  YjsSession(
      Services services,
      AwarenessRooms rooms,
      YjsStates states,
      Outbound out,
      Executor thread,
      String document) {
    this.services = services;
    this.rooms = rooms;
    this.states = states;
    this.out = out;
    this.thread = thread;
    this.document = document;
    this.inFlight = services.operationsInFlight();
    this.asked = new OpenQuestion(states, document, services.nowNs());
  }

  void start(Principal who) {
    rights = who.grants().on(document);
    if (!rights.containsAll(Set.of(Right.READ, Right.HISTORY))) {
      deny(CloseCode.YJS_DENIED, "the token does not allow to read this document");
      return;
    }
    if (!services.rates().join(who.user())) {
      close(CloseCode.RATE, "more than " + services.limits().socketsPerUser() + " sockets");
      return;
    }
    principal = who;
    out.pauseReading();
    services.sessions().create(who.user(), result -> thread.execute(() -> onOpened(result)));
  }

  void deny(CloseCode code, String reason) {
    out.send(YjsMessage.permissionDenied(reason));
    close(code, reason);
  }

  private void onOpened(SessionGateway.Result result) {
    if (!(result instanceof SessionGateway.Result.Opened opened)) {
      close(CloseCode.YJS_TRY_AGAIN, "no session can be opened at the moment");
      return;
    }
    if (closed) {
      services.sessions().end(opened.session());
      return;
    }
    session = opened.session();
    services.registry().opened(session, this, thread);
    var deadline = principal.expiresAt().plus(services.limits().authGrace());
    long millis = Duration.between(services.clock().instant(), deadline).toMillis();
    expiry = out.after(Math.max(1, millis), () -> deny(CloseCode.YJS_TOKEN, "the token expired"));
    keepAlive();
    out.resumeReading();
  }

  private void keepAlive() {
    if (!closed) {
      asked.giveUpIfOld();
      out.send(KEEP_ALIVE);
      keepAlive = out.after(KEEP_ALIVE_MILLIS, this::keepAlive);
    }
  }

  @Override
  public void onBinary(byte[] frame) {
    if (closed) {
      return;
    }
    liveness.heard();
    services.metrics().message();
    if (!services.rates().allow(principal.user())) {
      close(CloseCode.RATE, "more than " + services.limits().messagesPerSecond() + " messages/s");
      return;
    }
    Traced.run(RequestId.create().toString(), () -> parse(frame));
  }

  private void parse(byte[] frame) {
    try {
      onMessage(frame, YjsMessage.parse(frame));
    } catch (MalformedException e) {
      close(CloseCode.YJS_MALFORMED, "not a Yjs message: " + e.getMessage());
    }
  }

  @Override
  public void onPong() {
    liveness.heard();
  }

  @Override
  public void onText(String message) {
    close(CloseCode.YJS_MALFORMED, "Yjs messages are binary");
  }

  private void onMessage(byte[] frame, YjsMessage message) throws MalformedException {
    switch (message) {
      case YjsMessage.SyncStep1(byte[] vector) -> onStep1(vector);
      case YjsMessage.SyncStep2(byte[] update) -> onAnswer(update, YjsUpdate.parse(update));
      case YjsMessage.Update(byte[] update) -> onUpdate(update, YjsUpdate.parse(update));
      case YjsMessage.Awareness(List<AwarenessState> states) -> onAwareness(frame, states);
      case YjsMessage.QueryAwareness() -> sendWhoIsThere();
    }
  }

  private void onStep1(byte[] vector) throws MalformedException {
    if (subscriber == null) {
      attach(Coverage.ofVector(vector));
    } else {
      out.send(YjsMessage.emptySyncStep2());
    }
  }

  private void attach(Coverage ofClient) {
    subscriber = new YjsSubscriber(this, session, out, ofClient);
    rooms.join(document, session);
    services.hub().attach(document, subscriber, From.STATE);
    if (rights.contains(Right.PRESENCE)) {
      sendWhoIsThere();
      publish(session, AwarenessRooms.QUERY);
    }
  }

  private void onAnswer(byte[] bytes, YjsUpdate answer) {
    JoinQuestion question = asked.take().orElse(null);
    if (question == null && bytes.length > UPDATE_BYTES_MAX) {
      close(CloseCode.YJS_TRY_AGAIN, "too late an answer; who joins again is asked for less");
    } else if (question == null || question.hasNews(answer) && !question.everything()) {
      onUpdate(bytes, answer);
    } else if (question.hasNews(answer)) {
      // A state must not tell of what is not stored: others would never get it from the log.
      states.onNews(document);
      ask(question.forNews());
    } else if (question.everything() && question.isAnsweredWholly(answer)) {
      states.supply(document, question.seq(), bytes);
    } else if (question.everything()) {
      states.onUseless(document);
    }
  }

  private void onUpdate(byte[] bytes, YjsUpdate update) {
    if (update.isEmpty()) {
      return;
    }
    if (!rights.contains(Right.WRITE)) {
      services.metrics().error("DENIED");
      if (!toldReadOnly) {
        toldReadOnly = true;
        out.send(YjsMessage.permissionDenied("the token does not allow to write this document"));
      }
      return;
    }
    if (bytes.length > UPDATE_BYTES_MAX) {
      close(CloseCode.YJS_TOO_LARGE, "an update has at most " + UPDATE_BYTES_MAX + " bytes");
      return;
    }
    if (subscriber == null) {
      attach(new Coverage());
    }
    OperationDraft draft =
        OperationDraft.newBuilder()
            .setClientSeq(++clientSeq)
            .setData(ByteString.copyFrom(bytes))
            .build();
    if (!inFlight.add(document, clientSeq, bytes.length)) {
      close(CloseCode.YJS_TRY_AGAIN, "too many updates wait to be stored");
      return;
    }
    pauseWhileMuchIsInFlight();
    services.hub().submit(document, subscriber, principal.user(), draft);
  }

  private void pauseWhileMuchIsInFlight() {
    boolean much = inFlight.much();
    if (much != paused && !closed) {
      paused = much;
      if (much) {
        out.pauseReading();
      } else {
        out.resumeReading();
      }
    }
  }

  private void onAwareness(byte[] frame, List<AwarenessState> states) {
    if (!rights.contains(Right.PRESENCE)) {
      return;
    }
    out.send(frame);
    if (subscriber == null) {
      attach(new Coverage());
    }
    List<AwarenessState> news = rooms.apply(document, session, states);
    if (!news.isEmpty()) {
      publish(session, YjsMessage.awareness(news));
    }
  }

  private void sendWhoIsThere() {
    List<AwarenessState> states = rooms.states(document);
    if (!states.isEmpty() && rights.contains(Right.PRESENCE)) {
      out.send(YjsMessage.awareness(states));
    }
  }

  private void publish(String from, byte[] data) {
    services
        .hub()
        .presence(
            Presence.newBuilder()
                .setDocument(document)
                .setClientId(from)
                .setUser(principal.user())
                .setData(ByteString.copyFrom(data))
                .build());
  }

  /** Stored updates are sent; asks a writer for what the log lacks, or for a state. */
  void onJoined(YjsReplay replay) {
    if (rights.contains(Right.WRITE)) {
      ask(replay.question(replay.stateIsDue() && states.mayAsk(document)));
    }
  }

  private void ask(JoinQuestion question) {
    byte[] message = question.message();
    // Handed over whole, for what it compares with is not thread-safe; before any answer to it.
    thread.execute(() -> asked.open(question));
    out.send(message);
  }

  void onAnswered(long answered) {
    inFlight.stored(document, answered);
    thread.execute(this::pauseWhileMuchIsInFlight);
  }

  /** The provider connects again and offers what is not stored, so nothing is lost by closing. */
  void onRefused(String reason) {
    CloseCode code =
        switch (reason) {
          case "NOT_FOUND" -> CloseCode.YJS_NOT_FOUND;
          case "LIMIT", "INVALID", "BASE_CONFLICT" -> CloseCode.YJS_DENIED;
          default -> CloseCode.YJS_TRY_AGAIN;
        };
    thread.execute(() -> close(code, "the update was not stored: " + reason));
  }

  void onGap(boolean afterJoining) {
    CloseCode code = afterJoining ? CloseCode.YJS_TRY_AGAIN : CloseCode.YJS_HISTORY_GONE;
    thread.execute(() -> close(code, "the document's history has a gap"));
  }

  void onPresence(Presence presence) {
    byte[] data = presence.getData().toByteArray();
    if (!rights.contains(Right.PRESENCE) || !AwarenessRooms.isYjs(data)) {
      return;
    }
    if (AwarenessRooms.isQuery(data)) {
      if (!rooms.isLocal(document, presence.getClientId())) {
        rooms
            .answers(document)
            .forEach((from, states) -> publish(from, YjsMessage.awareness(states)));
      }
    } else if (rooms.heard(presence)) {
      out.send(data);
    }
  }

  @Override
  public void onWritable() {
    if (subscriber != null) {
      services.hub().writable(document, subscriber);
    }
  }

  @Override
  public void onTooLong() {
    asked.onTooLong();
  }

  @Override
  public void onSlow() {
    close(CloseCode.SLOW, "the outgoing queue is full; connect again");
  }

  @Override
  public void onSessionEnded(String reason) {
    deny(CloseCode.YJS_DENIED, reason);
  }

  @Override
  public void heartbeat() {
    if (paused) {
      // Its pongs wait behind what we do not read.
      liveness.heard();
    }
    if (liveness.heartbeat()) {
      out.ping();
    } else {
      close(CloseCode.SILENT, "no sign of life; connect again");
    }
  }

  @Override
  public void drain(long reconnectAfterMillis, long closeAfterMillis) {
    out.after(reconnectAfterMillis, () -> close(CloseCode.DRAIN, "this gateway is stopping"));
  }

  /** A Yjs client never resumes its session. */
  @Override
  public void onClosed(boolean onPurpose) {
    release();
  }

  private void close(CloseCode code, String reason) {
    if (!closed) {
      release();
      out.close(code, reason);
    }
  }

  private void release() {
    if (closed) {
      return;
    }
    closed = true;
    asked.end();
    expiry.cancel();
    keepAlive.cancel();
    if (principal != null) {
      services.rates().leave(principal.user());
    }
    if (subscriber != null) {
      List<AwarenessState> left = rooms.leave(document, session);
      if (!left.isEmpty()) {
        publish(session, YjsMessage.awareness(left));
      }
      services.hub().detach(document, subscriber);
    }
    if (!session.isEmpty()) {
      services.registry().closed(session, this);
      services.sessions().end(session);
    }
  }
}
