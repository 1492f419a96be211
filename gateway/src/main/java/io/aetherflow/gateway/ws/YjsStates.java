package io.aetherflow.gateway.ws;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.grpc.StatusRuntimeException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Supplies states of documents that Yjs clients write, so that who joins needs not read all that
 * was ever written and history can be trimmed: these clients supply none themselves, and a document
 * whose history is full takes no more writes. Which client is asked for all it has, and how often,
 * is decided here. Thread-safe.
 */
final class YjsStates {
  private static final Logger LOG = LoggerFactory.getLogger(YjsStates.class);

  /** Bounds what a client that joins is sent above the state: many come back at once. */
  static final long DUE_BYTES = 2 << 20;

  /** An answer can be as large as a frame: many clients that join at once are not all asked. */
  static final long ASK_AGAIN_NS = TimeUnit.MINUTES.toNanos(5);

  /** The client had edits of its own, so its state was of no use; another may have none. */
  static final long ASK_SOON_NS = TimeUnit.SECONDS.toNanos(5);

  /** What the client has is larger than a frame, and will be again. */
  static final long ASK_LATER_NS = TimeUnit.HOURS.toNanos(1);

  /**
   * Caps the answers that are awaited, compared and stored at once, by this gateway: each takes 3
   * to 4 MiB, and after a restart clients of very many documents join together. Who never answers
   * takes a place for {@link OpenQuestion#OPEN_NS_MAX}.
   */
  static final int ASKED_MAX = 4;

  /** Caps the memory of documents asked about; a forgotten one is asked about again early. */
  static final int DOCUMENTS_MAX = 4_096;

  private final Consumer<DocumentContent> store;
  private final Executor blocking;
  private final LongSupplier nowNs;

  private int asked;

  private final Map<String, Long> notBeforeNs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > DOCUMENTS_MAX;
        }
      };

  /**
   * @param store may block, and throw {@link StatusRuntimeException}
   * @param blocking where it is called
   */
  YjsStates(Consumer<DocumentContent> store, Executor blocking, LongSupplier nowNs) {
    this.store = store;
    this.blocking = blocking;
    this.nowNs = nowNs;
  }

  /**
   * Whether a client that has joined may be asked for everything; who hears yes asks it, and tells
   * by exactly one of {@link #supply}, {@link #onNews}, {@link #onTooLong} and {@link #onUseless}
   * what became of it.
   */
  synchronized boolean mayAsk(String document) {
    Long notBefore = notBeforeNs.get(document);
    boolean due = notBefore == null || nowNs.getAsLong() - notBefore >= 0;
    boolean may = due && asked < ASKED_MAX;
    if (may) {
      asked++;
      askAfter(document, ASK_AGAIN_NS);
    }
    return may;
  }

  synchronized void onNews(String document) {
    asked--;
    askAfter(document, ASK_SOON_NS);
  }

  synchronized void onTooLong(String document) {
    asked--;
    askAfter(document, ASK_LATER_NS);
  }

  /** There was no answer, or one that lacks something; another client may be asked in a while. */
  synchronized void onUseless(String document) {
    LOG.debug("a client of {} was asked in vain for all it has", document);
    asked--;
  }

  private synchronized void onSupplied() {
    asked--;
  }

  private void askAfter(String document, long afterNs) {
    // Removed first, so that the eldest is the one asked about least recently.
    notBeforeNs.remove(document);
    notBeforeNs.put(document, nowNs.getAsLong() + afterNs);
  }

  /**
   * Stores a state, later.
   *
   * @param update what all operations up to seq amount to, neither more nor less
   */
  void supply(String document, long seq, byte[] update) {
    DocumentContent state =
        DocumentContent.newBuilder()
            .setDocument(document)
            .setSeq(seq)
            .setData(ByteString.copyFrom(update))
            .build();
    blocking.execute(() -> {
      try {
        store.accept(state);
        LOG.atInfo()
            .addKeyValue("action", "yjs_state_supplied")
            .log("the state of {} up to {} has {} bytes", document, seq, update.length);
      } catch (StatusRuntimeException e) {
        LOG.atWarn()
            .addKeyValue("action", "yjs_state_refused")
            .log("the state of {} up to {} was not stored: {}", document, seq, e.getStatus());
      } finally {
        onSupplied();
      }
    });
  }
}
