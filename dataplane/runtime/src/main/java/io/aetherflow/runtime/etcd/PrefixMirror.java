package io.aetherflow.runtime.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A live copy of all keys under a prefix: a linearizable read, page by page at one revision, then a
 * watch from there.
 *
 * <p>The listener is called after every transaction that touched the map, on the given
 * single-threaded scheduler; what it throws is logged, and the next change told all the same. A
 * broken or compacted watch is replaced by a new read; {@link #resync()} forces that, for an etcd
 * that was restored continues at a lower revision, at which an old watch would stay silent.
 */
public final class PrefixMirror implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PrefixMirror.class);
  private static final Duration PAGE_TIMEOUT = Duration.ofSeconds(5);

  /** A value with the revision that wrote it. */
  public record Versioned(String value, long modRevision) {}

  /** Of mirrors that hold so much that what did not change must cost nothing. */
  public interface Listener {
    /**
     * Some keys were written or deleted, or everything was read anew. Called on the scheduler.
     *
     * @param entries all there is now; only for the time of the call
     * @param keys all that may have changed, those that are gone too
     */
    void changed(SortedMap<String, Versioned> entries, Set<String> keys);
  }

  private final Client client;
  private final EtcdPages pages;
  private final ByteSequence prefix;
  private final ScheduledExecutorService scheduler;
  private final Listener listener;
  private final Backoff backoff;
  private final SortedMap<String, Versioned> entries = new TreeMap<>();
  private Watch.Watcher watcher;
  private long epoch;
  private boolean closed;

  /**
   * @param listener gets a copy of everything with every change
   */
  public PrefixMirror(
      Client client,
      String prefix,
      ScheduledExecutorService scheduler,
      RandomGenerator random,
      Consumer<SortedMap<String, Versioned>> listener) {
    this(
        client,
        prefix,
        scheduler,
        random,
        (entries, keys) -> listener.accept(new TreeMap<>(Map.copyOf(entries))));
  }

  public PrefixMirror(
      Client client,
      String prefix,
      ScheduledExecutorService scheduler,
      RandomGenerator random,
      Listener listener) {
    this.client = client;
    this.pages = new EtcdPages(client, PAGE_TIMEOUT);
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
    List<KeyValue> all = new ArrayList<>();
    pages
        .readAtOneRevision(prefix, all::add)
        .whenCompleteAsync(
            (revision, error) -> {
              if (reading != epoch || closed) {
                return;
              }
              if (error == null) {
                loaded(all, revision);
              } else {
                readLater(reading, error);
              }
            },
            scheduler);
  }

  private void loaded(List<KeyValue> all, long revision) {
    backoff.reset();
    Set<String> keys = new HashSet<>(entries.keySet());
    entries.clear();
    for (KeyValue kv : all) {
      keys.add(put(kv));
    }
    publish(keys);
    watchFrom(revision + 1);
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
    Set<String> keys = new HashSet<>();
    for (WatchEvent event : response.getEvents()) {
      switch (event.getEventType()) {
        case PUT -> keys.add(put(event.getKeyValue()));
        case DELETE -> {
          String key = Bytes.text(event.getKeyValue().getKey());
          entries.remove(key);
          keys.add(key);
        }
        case UNRECOGNIZED -> LOG.warn("etcd sent a watch event of an unknown kind; ignored");
      }
    }
    publish(keys);
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

  private String put(KeyValue kv) {
    String key = Bytes.text(kv.getKey());
    entries.put(key, new Versioned(Bytes.text(kv.getValue()), kv.getModRevision()));
    return key;
  }

  private void publish(Set<String> keys) {
    try {
      listener.changed(Collections.unmodifiableSortedMap(entries), keys);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("action", "etcd_listener_failed")
          .setCause(e)
          .log("a change under {} was not taken in; going on", Bytes.text(prefix));
    }
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
