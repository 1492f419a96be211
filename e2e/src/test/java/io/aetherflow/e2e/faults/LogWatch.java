package io.aetherflow.e2e.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aetherflow.e2e.faults.StoredLog.OwnerChange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * Follows ownership and appends in etcd, at every member at once, so that some watch goes on
 * whichever member is down; each begins again where it stopped.
 */
final class LogWatch implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  private static final long AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(300);
  static final String OWNERS = "/owners/";
  private static final String ENTRIES = "/logs/entries/";

  private final HttpClient http;
  private final StoredLog log = new StoredLog();
  private volatile boolean closed;

  /**
   * @param member gives the address of the member with an index, at any time
   * @param tls of etcd's clients
   * @param fromRevision the first one wanted
   * @param present who owned what before
   */
  LogWatch(
      int members,
      Function<Integer, Optional<String>> member,
      SSLContext tls,
      long fromRevision,
      List<OwnerChange> present) {
    http = HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).sslContext(tls).build();
    present.forEach(log::add);
    for (int i = 0; i < members; i++) {
      int index = i;
      for (String prefix : List.of(OWNERS, ENTRIES)) {
        Thread.ofVirtual()
            .name("watch-" + i + prefix)
            .start(() -> follow(() -> member.apply(index), prefix, fromRevision));
      }
    }
  }

  /** Reads what has been seen so far; nothing is added meanwhile. */
  <T> T read(Function<StoredLog, T> reader) {
    synchronized (log) {
      return reader.apply(log);
    }
  }

  private void follow(Supplier<Optional<String>> member, String prefix, long fromRevision) {
    long next = fromRevision;
    while (!closed) {
      Optional<String> address = member.get();
      if (address.isPresent()) {
        next = watch(address.get(), prefix, next);
      }
      LockSupport.parkNanos(AGAIN_NS);
    }
  }

  /** Until the stream ends; returns where to go on. */
  private long watch(String address, String prefix, long fromRevision) {
    long next = fromRevision;
    try (Stream<String> lines =
        http.send(request(address, prefix, fromRevision), BodyHandlers.ofLines()).body()) {
      for (Iterator<String> each = lines.iterator(); each.hasNext() && !closed; ) {
        next = Math.max(next, take(JSON.readTree(each.next()).path("result")));
      }
    } catch (IOException | RuntimeException e) {
      // The member is down, or went down: its successor goes on from there.
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return next;
  }

  private static HttpRequest request(String address, String prefix, long fromRevision)
      throws IOException {
    String end = prefix.substring(0, prefix.length() - 1) + "0";
    Map<String, Object> create =
        Map.of(
            "create_request",
            Map.of(
                "key", base64(prefix), "range_end", base64(end), "start_revision", fromRevision));
    return HttpRequest.newBuilder(URI.create("https://" + address + ":2379/v3/watch"))
        .POST(BodyPublishers.ofString(JSON.writeValueAsString(create)))
        .build();
  }

  /**
   * @param value empty for a key that was deleted
   */
  static OwnerChange ownerChange(String key, long revision, String value) {
    return new OwnerChange(
        revision,
        Integer.parseInt(key.substring(OWNERS.length())),
        Optional.of(value).filter(text -> !text.isEmpty()));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns the revision after the last one in the answer, 0 when it has none. */
  private long take(JsonNode answer) {
    long next = 0;
    List<Runnable> all = new ArrayList<>();
    for (JsonNode event : answer.path("events")) {
      JsonNode kv = event.path("kv");
      String key =
          new String(Base64.getDecoder().decode(kv.path("key").asText()), StandardCharsets.UTF_8);
      long revision = kv.path("mod_revision").asLong();
      byte[] value = Base64.getDecoder().decode(kv.path("value").asText());
      boolean deleted = event.path("type").asText().equals("DELETE");
      if (key.startsWith(OWNERS)) {
        OwnerChange change = ownerChange(key, revision, new String(value, StandardCharsets.UTF_8));
        all.add(() -> log.add(change));
      } else if (!deleted) {
        all.add(() -> log.add(revision, LogEntries.parse(revision, value)));
      }
      next = Math.max(next, revision + 1);
    }
    synchronized (log) {
      all.forEach(Runnable::run);
    }
    return next;
  }

  @Override
  public void close() {
    closed = true;
    http.shutdownNow();
  }
}
