package io.aetherflow.gateway.auth;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.aetherflow.gateway.BoundedGet;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public keys that an issuer publishes (RFC 7517), read again as they age and when a token
 * names an unknown one. Keys that the issuer withdrew are gone with the next reading. Thread-safe.
 */
final class JwksKeys {
  /** Keys older than this are read again while the old ones still serve. */
  static final long FRESH_NS = TimeUnit.MINUTES.toNanos(5);

  /** After so long without the issuer's word, a withdrawn key could be in use: none is trusted. */
  static final long TRUSTED_NS = TimeUnit.HOURS.toNanos(1);

  /** Anybody can invent key ids; the issuer must not feel it. */
  static final long REFETCH_NS = TimeUnit.SECONDS.toNanos(5);

  /** Against an address that answers without end. */
  static final int DOCUMENT_BYTES_MAX = 256 * 1024;

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(JwksKeys.class);

  private final URI uri;
  private final Executor blocking;
  private final LongSupplier nowNs;
  private final HttpClient http =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  private List<JWK> keys = List.of();
  private boolean everFetched;
  private boolean everTried;
  private long fetchedNs;
  private long triedNs;
  private CompletableFuture<Void> fetching;

  /**
   * @param blocking runs calls that may block, each on a thread of its own
   */
  JwksKeys(URI uri, Executor blocking, LongSupplier nowNs) {
    this.uri = uri;
    this.blocking = blocking;
    this.nowNs = nowNs;
  }

  synchronized List<JWK> trusted() {
    boolean trusted = everFetched && nowNs.getAsLong() - fetchedNs < TRUSTED_NS;
    return trusted ? keys : List.of();
  }

  /** Done when the key is here or another reading would not help now. */
  synchronized CompletionStage<Void> prepare(String keyId) {
    long now = nowNs.getAsLong();
    boolean stale = !everFetched || now - fetchedNs >= FRESH_NS;
    boolean known = trusted().stream().anyMatch(each -> keyId.equals(each.getKeyID()));
    if (known && !stale) {
      return CompletableFuture.completedStage(null);
    }
    if (fetching == null && (!everTried || now - triedNs >= REFETCH_NS)) {
      everTried = true;
      triedNs = now;
      CompletableFuture<Void> started = new CompletableFuture<>();
      fetching = started;
      blocking.execute(() -> {
        try {
          fetch();
        } finally {
          over(started);
        }
      });
    }
    return known || fetching == null ? CompletableFuture.completedStage(null) : fetching;
  }

  private void over(CompletableFuture<Void> reading) {
    synchronized (this) {
      fetching = null;
    }
    reading.complete(null);
  }

  private void fetch() {
    try {
      List<JWK> found = read();
      synchronized (this) {
        keys = found;
        everFetched = true;
        fetchedNs = nowNs.getAsLong();
      }
    } catch (IOException | ParseException e) {
      LOG.warn("Cannot read the keys of {}, keeping the last ones: {}", uri, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<JWK> read() throws IOException, InterruptedException, ParseException {
    HttpRequest request = HttpRequest.newBuilder(uri).header("Accept", "application/json").build();
    byte[] body = BoundedGet.body(http, request, TIMEOUT, DOCUMENT_BYTES_MAX);
    return JWKSet.parse(new String(body, StandardCharsets.UTF_8)).getKeys();
  }
}
