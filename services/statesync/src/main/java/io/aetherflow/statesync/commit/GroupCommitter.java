package io.aetherflow.statesync.commit;

import io.aetherflow.runtime.trace.Tracing;
import io.aetherflow.statesync.log.OpLog;
import io.aetherflow.statesync.log.OpLog.Appended;
import io.aetherflow.statesync.log.OpLog.Committed;
import io.aetherflow.statesync.log.OpLog.Fenced;
import io.aetherflow.statesync.log.OpLog.ShardAppend;
import io.aetherflow.statesync.loop.Loop;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what shards have staged for a few milliseconds and appends it in one transaction. Loop
 * only; no timer runs while nothing is staged.
 *
 * <p>A shard has at most one append in flight. An append with an unknown outcome is repeated as it
 * was until the log says what became of it, or until none of its shards is ours anymore.
 */
public final class GroupCommitter {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommitter.class);

  /**
   * Wait that makes batches worth their fsync, within a 50 ms p99. With three members on two cores,
   * etcd's cost is that of transactions rather than of bytes.
   */
  private static final long INTERVAL_MILLIS = 8;

  /** More would only queue in etcd, which applies one after the other. */
  private static final int APPENDS_IN_FLIGHT_MAX = 2;

  private static final long RETRY_MILLIS = 50;
  private static final long RETRY_MILLIS_MAX = 1_000;

  private record Batch(List<ShardWriter> writers, List<ShardAppend> appends, int attempt) {
    Batch repeated() {
      return new Batch(writers, appends, attempt + 1);
    }
  }

  private final OpLog log;
  private final Loop loop;
  private final RandomGenerator random;
  private final Tracing tracing;
  private final Set<ShardWriter> dirty = new LinkedHashSet<>();
  private int appendsInFlight;
  private boolean armed;

  public GroupCommitter(OpLog log, Loop loop, RandomGenerator random, Tracing tracing) {
    this.tracing = tracing;
    this.log = log;
    this.loop = loop;
    this.random = random;
  }

  /** The writer has something staged. */
  public void staged(ShardWriter writer) {
    dirty.add(writer);
    arm();
  }

  private void arm() {
    if (!armed && !dirty.isEmpty()) {
      armed = true;
      loop.after(INTERVAL_MILLIS, this::flush);
    }
  }

  private void flush() {
    armed = false;
    while (appendsInFlight < APPENDS_IN_FLIGHT_MAX) {
      Batch batch = nextBatch();
      if (batch.appends().isEmpty()) {
        return;
      }
      appendsInFlight++;
      send(batch);
    }
  }

  private Batch nextBatch() {
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>(), 0);
    int bytesLeft = OpLog.APPEND_BYTES_MAX;
    Iterator<ShardWriter> writers = dirty.iterator();
    while (writers.hasNext() && batch.appends().size() < OpLog.SHARDS_PER_APPEND_MAX) {
      ShardWriter writer = writers.next();
      if (writer.inFlight()) {
        continue;
      }
      var append = writer.freeze(bytesLeft, tracing);
      if (append.isPresent()) {
        batch.writers().add(writer);
        batch.appends().add(append.get());
        bytesLeft -= append.get().segment().encodedBytes();
      }
      if (!writer.hasStaged()) {
        writers.remove();
      }
    }
    return batch;
  }

  private void send(Batch batch) {
    loop.whenDone(
        log.append(batch.appends()), (appended, error) -> onAnswer(batch, appended, error));
  }

  private void onAnswer(Batch batch, Appended appended, Throwable error) {
    if (error != null) {
      onUnknown(batch, error);
      return;
    }
    appendsInFlight--;
    switch (appended) {
      case Committed() -> batch.writers().forEach(ShardWriter::committed);
      case Fenced(Set<Integer> shards) -> onFenced(batch, shards);
    }
    arm();
  }

  private void onUnknown(Batch batch, Throwable error) {
    if (batch.writers().stream().noneMatch(ShardWriter::isOpen)) {
      appendsInFlight--;
      arm();
      return;
    }
    if (batch.attempt() == 0) {
      LOG.atWarn()
          .addKeyValue("action", "append_repeated")
          .log(
              "an append to {} shards has no answer ({}); repeating it until it has",
              batch.appends().size(),
              error.toString());
    }
    long step = Math.min(RETRY_MILLIS_MAX, RETRY_MILLIS << Math.min(batch.attempt(), 5));
    loop.after(step / 2 + random.nextLong(step / 2), () -> sendAgain(batch.repeated()));
  }

  /** Calls pile up in the client while etcd is away: small ones may, batches must not. */
  private void sendAgain(Batch batch) {
    loop.whenDone(
        log.ping(),
        (ok, error) -> {
          if (error == null) {
            send(batch);
          } else {
            onUnknown(batch, error);
          }
        });
  }

  /** Nothing of the batch is stored: what was not fenced goes again. */
  private void onFenced(Batch batch, Set<Integer> shards) {
    Batch rest = new Batch(new ArrayList<>(), new ArrayList<>(), 0);
    for (int i = 0; i < batch.writers().size(); i++) {
      ShardWriter writer = batch.writers().get(i);
      if (shards.contains(writer.shard()) || !writer.isOpen()) {
        dirty.remove(writer);
        writer.fenced();
      } else {
        rest.writers().add(writer);
        rest.appends().add(batch.appends().get(i));
      }
    }
    if (!rest.appends().isEmpty()) {
      appendsInFlight++;
      send(rest);
    }
  }
}
