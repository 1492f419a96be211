package io.aetherflow.runtime.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A live copy of all keys under a prefix: one linearizable read, then a watch from its revision.
 *
 * <p>The listener gets the whole map after every transaction that touched it, on the given
 * single-threaded scheduler. A broken or compacted watch is replaced by a new read; {@link
 * #resync()} forces that, for an etcd that was restored continues at a lower revision, at which an
 * old watch would stay silent.
 */
public final class PrefixMirror implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PrefixMirror.class);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

  /** A value with the revision that wrote it. */
  public record Versioned(String value, long modRevision) {}

  private final Client client;
  private final ByteSequence prefix;
  private final ScheduledExecutorService scheduler;
  private final Consumer<SortedMap<String, Versioned>> listener;
  private final Backoff backoff;
  private final SortedMap<String, Versioned> entries = new TreeMap<>();
  private Watch.Watcher watcher;
  private long epoch;
  private boolean closed;

  public PrefixMirror(
      Client client,
      String prefix,
      ScheduledExecutorService scheduler,
      RandomGenerator random,
      Consumer<SortedMap<String, Versioned>> listener) {
    this.client = client;
    this.prefix = Bytes.of(prefix);
    this.scheduler = scheduler;
    this.listener = listener;
    this.backoff = new Backoff(random);
    scheduler.execute(this::read);
  }

  /** Reads everything again and watches from there. */
  public void resync() {
    scheduler.execute(this::read);
  }

  /**
   * As above.
   *
   * @param begin runs on the scheduler; what the listener gets after it was read after it
   */
  public void resync(Runnable begin) {
    scheduler.execute(() -> {
      begin.run();
      read();
    });
  }

  private void read() {
    if (closed) {
      return;
    }
    stopWatching();
    long reading = ++epoch;
    client
        .getKVClient()
        .get(prefix, GetOption.builder().isPrefix(true).build())
        .orTimeout(READ_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .whenCompleteAsync(
            (response, error) -> {
              if (reading != epoch || closed) {
                return;
              }
              if (error == null) {
                loaded(response);
              } else {
                readLater(reading, error);
              }
            },
            scheduler);
  }

  private void loaded(GetResponse response) {
    backoff.reset();
    entries.clear();
    for (KeyValue kv : response.getKvs()) {
      put(kv);
    }
    publish();
    watchFrom(response.getHeader().getRevision() + 1);
  }

  private void watchFrom(long revision) {
    long watching = epoch;
    WatchOption option =
        WatchOption.builder().isPrefix(true).withRevision(revision).withRequireLeader(true).build();
    watcher =
        client
            .getWatchClient()
            .watch(
                prefix,
                option,
                response -> scheduler.execute(() -> changed(watching, response)),
                error -> scheduler.execute(() -> readLater(watching, error)),
                () -> scheduler.execute(() -> readLater(watching, null)));
  }

  private void changed(long watching, WatchResponse response) {
    if (watching != epoch || closed || response.getEvents().isEmpty()) {
      return;
    }
    for (WatchEvent event : response.getEvents()) {
      switch (event.getEventType()) {
        case PUT -> put(event.getKeyValue());
        case DELETE -> entries.remove(Bytes.text(event.getKeyValue().getKey()));
        case UNRECOGNIZED -> LOG.warn("etcd sent a watch event of an unknown kind; ignored");
      }
    }
    publish();
  }

  private void readLater(long failed, Throwable error) {
    if (failed != epoch || closed) {
      return;
    }
    LOG.atDebug()
        .addKeyValue("action", "etcd_watch_renewed")
        .log(
            "reading {} again: {}",
            Bytes.text(prefix),
            error == null ? "the watch ended" : Failures.sentence(error));
    long attempt = ++epoch;
    stopWatching();
    scheduler.schedule(
        () -> {
          if (attempt == epoch) {
            read();
          }
        },
        backoff.next().toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void put(KeyValue kv) {
    entries.put(
        Bytes.text(kv.getKey()), new Versioned(Bytes.text(kv.getValue()), kv.getModRevision()));
  }

  private void publish() {
    listener.accept(new TreeMap<>(Map.copyOf(entries)));
  }

  private void stopWatching() {
    if (watcher != null) {
      watcher.close();
      watcher = null;
    }
  }

  @Override
  public void close() {
    scheduler.execute(() -> {
      closed = true;
      epoch++;
      stopWatching();
    });
  }
}
