package io.aetherflow.e2e.collab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A client that edits one document as an application would: it sends with a window, keeps what is
 * not acknowledged, and after a lost socket, a moved document or a refusal that may be retried it
 * resumes its session, attaches where it left off and sends those again under their old numbers.
 *
 * <p>One thread of its own sends; every method may be called from any thread.
 */
public final class Editor implements AutoCloseable {
  private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(300);

  /** Each socket in vain makes the pause before the next one longer, up to so many times. */
  private static final int RETRY_FACTOR_MAX = 10;

  /** A gateway that is asked for a sign of life after half of this time and gives none is left. */
  private static final long SILENCE_NS = TimeUnit.SECONDS.toNanos(8);

  private final HttpClient http;
  private final boolean ownsHttp;
  private final String name;
  private final Supplier<Door> doors;
  private final String token;
  private final String document;
  private final Transcript transcript = new Transcript();
  private final Outbox outbox = new Outbox(System.nanoTime());
  private final Thread sender;

  private Socket socket;
  private String session;
  private String resumeToken;
  private boolean welcome;
  private boolean attached;
  private long attachSentNs;

  /** Counts sockets tried; what an earlier one still reports is ignored. */
  private int attempt;

  private long heardNs;
  private long pingedNs;
  private int connections;

  /** Sockets since the last one that got as far as a welcome. */
  private int failures;

  private String lastEnd = "never connected";
  private boolean closed;

  public Editor(String name, Door door, String token, String document) {
    this(name, () -> door, HttpClient.newHttpClient(), true, token, document);
  }

  /**
   * One of many.
   *
   * @param doors asked for the gateway of each socket
   * @param http shared; stays open
   */
  public Editor(String name, Supplier<Door> doors, HttpClient http, String token, String document) {
    this(name, doors, http, false, token, document);
  }

  private Editor(
      String name,
      Supplier<Door> doors,
      HttpClient http,
      boolean ownsHttp,
      String token,
      String document) {
    this.name = name;
    this.doors = doors;
    this.http = http;
    this.ownsHttp = ownsHttp;
    this.token = token;
    this.document = document;
    this.sender = Thread.ofVirtual().name("editor-" + name).start(this::run);
  }

  /** Queues operations whose data is {@code <name>-<n>}, n continuing from the last call. */
  public synchronized void write(int count) {
    for (int i = 0; i < count; i++) {
      transcript.onWrite(outbox.write(name).data(), System.nanoTime());
    }
    notifyAll();
  }

  public void awaitAttached(Duration timeout) {
    await("attached to " + document, timeout, () -> attached);
  }

  /** Waits until everything written is acknowledged. */
  public void awaitAcked(Duration timeout) {
    await("every operation acknowledged", timeout, outbox::isEmpty);
  }

  /** Waits until the operations up to a sequence number have been delivered. */
  public void awaitSeq(long seq, Duration timeout) {
    await("operations up to " + seq, timeout, () -> transcript.lastSeq() >= seq);
  }

  public synchronized List<Op> ops() {
    return transcript.ops();
  }

  /** Data of every acknowledged operation, with the sequence number it was told. */
  public synchronized Map<String, Long> acked() {
    return transcript.acked();
  }

  public synchronized List<String> violations() {
    return transcript.violations();
  }

  /** When each operation was written and when acknowledged, by its data. */
  public synchronized Map<String, Timing> timings() {
    return transcript.timings();
  }

  public String document() {
    return document;
  }

  public String name() {
    return name;
  }

  /** How often a socket was opened; 1 means that the first one still lives. */
  public synchronized int connections() {
    return connections;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      sender.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ownsHttp) {
      http.shutdownNow();
    }
  }

  private synchronized void await(String what, Duration timeout, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + timeout.toNanos();
    while (!condition.getAsBoolean()) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNs - System.nanoTime());
      if (leftMillis <= 0) {
        throw new AssertionError(
            ("client %s of %s did not see within %d s: %s; it has %d operations, %d unacknowledged,"
                    + " %d connections, attached=%s, last end: %s, violations: %s")
                .formatted(
                    name,
                    document,
                    timeout.toSeconds(),
                    what,
                    transcript.lastSeq(),
                    outbox.size(),
                    connections,
                    attached,
                    lastEnd,
                    transcript.violations()));
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for: " + what, e);
      }
    }
  }

  private void run() {
    while (true) {
      try {
        Socket current = connected();
        ObjectNode next = current == null ? null : nextMessage(current);
        if (next != null) {
          current.send(next);
        } else if (isClosed()) {
          break;
        }
      } catch (InterruptedException e) {
        break;
      } catch (Exception e) {
        onEnd(currentAttempt(), e.toString());
      }
    }
    if (socket != null) {
      socket.close();
    }
  }

  private synchronized int currentAttempt() {
    return attempt;
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** The living socket; opens one and says hello when there is none. Null while that fails. */
  private Socket connected() throws Exception {
    int mine;
    synchronized (this) {
      if (socket != null || closed) {
        return socket;
      }
      if (attempt > 0) {
        wait(TimeUnit.NANOSECONDS.toMillis(RETRY_NS * Math.min(RETRY_FACTOR_MAX, 1 + failures)));
      }
      mine = ++attempt;
      failures++;
    }
    Socket opened;
    try {
      opened =
          Socket.open(
              http,
              doors.get().authority(),
              message -> onMessage(mine, message),
              why -> onEnd(mine, why));
    } catch (ExecutionException | TimeoutException e) {
      onEnd(mine, e.toString());
      return null;
    }
    ObjectNode hello = Socket.message("hello").put("token", token);
    synchronized (this) {
      socket = opened;
      connections++;
      heardNs = System.nanoTime();
      welcome = false;
      attached = false;
      attachSentNs = 0;
      if (session != null) {
        hello.putObject("resume").put("session", session).put("token", resumeToken);
      }
    }
    opened.send(hello);
    return opened;
  }

  /** Blocks until there is something to send on this socket; null when it has ended. */
  private synchronized ObjectNode nextMessage(Socket current)
      throws InterruptedException, TimeoutException {
    while (true) {
      if (closed || socket != current) {
        return null;
      }
      long now = System.nanoTime();
      if (now - heardNs > SILENCE_NS) {
        throw new TimeoutException("the gateway has fallen silent");
      }
      if (welcome && now - heardNs > SILENCE_NS / 2 && now - pingedNs > SILENCE_NS / 2) {
        pingedNs = now;
        return Socket.message("ping");
      }
      if (welcome && !attached && (attachSentNs == 0 || now - attachSentNs > Outbox.STALL_NS)) {
        attachSentNs = now;
        return Socket.message("attach")
            .put("doc", document)
            .put("from_seq", transcript.lastSeq() + 1);
      }
      Optional<Outbox.Draft> next = attached ? outbox.next(now) : Optional.empty();
      if (next.isPresent()) {
        return op(next.get());
      }
      wait(100);
    }
  }

  private ObjectNode op(Outbox.Draft draft) {
    return Socket.message("op")
        .put("doc", document)
        .put("client_seq", draft.clientSeq())
        .put("data", draft.data());
  }

  private synchronized void onEnd(int ofAttempt, String why) {
    if (ofAttempt != attempt) {
      return;
    }
    lastEnd = why;
    if (socket != null) {
      socket.abort();
    }
    socket = null;
    attached = false;
    outbox.sendAgain(System.nanoTime());
    notifyAll();
  }

  private synchronized void onMessage(int ofAttempt, JsonNode message) {
    if (ofAttempt != attempt) {
      return;
    }
    heardNs = System.nanoTime();
    switch (message.path("t").asText()) {
      case "welcome" -> {
        welcome = true;
        failures = 0;
        if (session != null && !message.path("resumed").asBoolean()) {
          // What it had no answer for may be stored already, and comes a second time then.
          transcript.violation("the session was not resumed");
        }
        session = message.path("session").asText();
        resumeToken = message.path("resume_token").asText();
      }
      case "attached" -> onAttached(message);
      case "ops" -> transcript.onOps(message);
      case "ack" -> onAck(message);
      case "nack" -> onNack(message);
      case "gap", "detached" -> {
        attached = false;
        attachSentNs = System.nanoTime() - Outbox.STALL_NS + RETRY_NS;
      }
      case "error" -> onError(message);
      default -> {
        // pong, presence and reconnect: the socket's end tells when to come back.
      }
    }
    notifyAll();
  }

  private void onAttached(JsonNode message) {
    attached = true;
    if (!message.path("recovered").asBoolean(true)) {
      transcript.violation("operations from " + transcript.lastSeq() + " on were not recovered");
    }
    outbox.sendAgain(System.nanoTime());
  }

  private void onAck(JsonNode message) {
    long now = System.nanoTime();
    outbox
        .acked(message.path("client_seq").asLong(), now)
        .ifPresent(draft -> transcript.onAck(draft.data(), message.path("seq").asLong(), now));
  }

  private void onNack(JsonNode message) {
    if (message.path("retryable").asBoolean()) {
      outbox.refusedUntil(System.nanoTime() + RETRY_NS);
    } else {
      transcript.violation("an operation was refused: " + message);
    }
  }

  private void onError(JsonNode message) {
    if (message.path("retryable").asBoolean()) {
      attached = false;
      attachSentNs = System.nanoTime() - Outbox.STALL_NS + RETRY_NS;
    } else {
      transcript.violation("the gateway reported an error: " + message);
    }
  }
}
