package io.aetherflow.statesync.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aetherflow.api.statesync.v1.LogEntry;
import io.aetherflow.api.statesync.v1.LogPart;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.runtime.etcd.EtcdPages;
import io.aetherflow.statesync.log.ShardPlaces.Piece;
import io.aetherflow.statesync.log.ShardPlaces.Place;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.grpc.Status;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The log in etcd, keys as in {@link LogKeys}: each process has one log for all its shards, and one
 * append is one value in it.
 *
 * <p>The mod revision of the owner key is the epoch. An append is one transaction that compares the
 * epochs of all its shards and that its entry is new, so a deposed owner cannot write even if it
 * does not know yet. Where a comparison fails, what is there is read: an entry with the very bytes
 * of this append was stored by an earlier attempt.
 *
 * <p>A claim notes in the same transaction from which entry on the shard's segments may be in the
 * claimant's log, so the next owner finds all logs to read.
 */
public final class EtcdOpLog implements OpLog {
  /** A majority that takes longer is in trouble; the caller repeats the append. */
  private static final long CALL_TIMEOUT_MILLIS = 2_000;

  /** Done when the pages are free, which takes seconds where there are a million keys. */
  private static final long FORGET_TIMEOUT_MILLIS = 60_000;

  /** Keys one trim may delete besides its two writes. */
  private static final int PIECES_PER_TRIM_MAX = 100;

  private static final GetOption PREFIX = GetOption.builder().isPrefix(true).build();

  private final Client client;
  private final String log;
  private final EtcdPages entries;
  private final OwnerKeys owners;
  private final Map<Integer, ShardPlaces> places = new HashMap<>();
  private long nextEntry = 1;
  private long claims;

  /**
   * @param log name of this process's log; used by no other process before or after
   */
  public EtcdOpLog(Client client, String log) {
    this.client = client;
    this.log = log;
    this.entries = new EtcdPages(client, Duration.ofMillis(CALL_TIMEOUT_MILLIS));
    this.owners = new OwnerKeys(client);
  }

  @Override
  public CompletableFuture<Map<Integer, Long>> claim(Map<Integer, Long> seenEpochs, String owner) {
    long claim;
    ByteSequence firstEntry;
    synchronized (this) {
      claim = ++claims;
      firstEntry = Bytes.of(Long.toString(nextEntry));
    }
    ByteSequence value = Bytes.of(owner);
    return owners
        .where(
            seenEpochs,
            shard ->
                List.of(
                    Op.put(LogKeys.owner(shard), value, PutOption.DEFAULT),
                    Op.put(LogKeys.piece(shard, log, claim), firstEntry, PutOption.DEFAULT)),
            List.of(Op.put(LogKeys.id(log), value, PutOption.DEFAULT)))
        .thenApply(epochs -> claimed(epochs, claim));
  }

  private synchronized Map<Integer, Long> claimed(Map<Integer, Long> epochs, long claim) {
    epochs.forEach((shard, epoch) ->
        places.put(shard, new ShardPlaces(epoch, LogKeys.piece(shard, log, claim))));
    return epochs;
  }

  @Override
  public CompletableFuture<Void> release(Map<Integer, Long> epochs) {
    return owners
        .where(
            epochs,
            shard -> List.of(Op.delete(LogKeys.owner(shard), DeleteOption.DEFAULT)),
            List.of())
        .thenApply(ok -> null);
  }

  @Override
  public CompletableFuture<Appended> append(List<ShardAppend> appends) {
    OpLog.checkSize(appends);
    ByteSequence value = ByteSequence.from(encode(appends).toByteString());
    ByteSequence key = LogKeys.entry(log, place(appends));
    Cmp[] ifs = new Cmp[appends.size() + 1];
    for (int i = 0; i < appends.size(); i++) {
      ifs[i] = OwnerKeys.ownedUnder(appends.get(i).shard(), appends.get(i).epoch());
    }
    ifs[appends.size()] = new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0));
    return bounded(kv().txn().If(ifs).Then(Op.put(key, value, PutOption.DEFAULT)).commit())
        .thenCompose(txn ->
            txn.isSucceeded()
                ? CompletableFuture.completedFuture(new Committed())
                : found(key, value, appends));
  }

  private static LogEntry encode(List<ShardAppend> appends) {
    LogEntry.Builder entry = LogEntry.newBuilder();
    for (ShardAppend append : appends) {
      entry
          .addPartsBuilder()
          .setShard(append.shard())
          .setEpoch(append.epoch())
          .setNumber(append.segment().number())
          .addAllBatches(append.segment().batches());
    }
    return entry.build();
  }

  /** The entry of an earlier attempt, or the next one. */
  private synchronized long place(List<ShardAppend> appends) {
    long entry = 0;
    for (ShardAppend append : appends) {
      Place place =
          placesFor(append).map(known -> known.find(append.segment().number())).orElse(null);
      if (place != null && place.log().equals(log)) {
        entry = place.entry();
      }
    }
    if (entry == 0) {
      entry = nextEntry++;
    }
    Place place = new Place(log, entry);
    for (ShardAppend append : appends) {
      placesFor(append).ifPresent(known -> known.put(append.segment().number(), place));
    }
    return entry;
  }

  /** Empty for an append that is repeated although its shard was claimed again since. */
  private Optional<ShardPlaces> placesFor(ShardAppend append) {
    return Optional.ofNullable(places.get(append.shard()))
        .filter(known -> known.epoch() == append.epoch());
  }

  private ShardPlaces placesOf(int shard) {
    return places.computeIfAbsent(
        shard, unclaimed -> new ShardPlaces(0, LogKeys.piece(unclaimed, log, 0)));
  }

  /** A later look is as good as one in the transaction: epochs and entries never come back. */
  private CompletableFuture<Appended> found(
      ByteSequence key, ByteSequence value, List<ShardAppend> appends) {
    List<Integer> shards = appends.stream().map(ShardAppend::shard).toList();
    List<Op> gets = new ArrayList<>(shards.stream().map(OwnerKeys::get).toList());
    gets.add(Op.get(key, GetOption.DEFAULT));
    return bounded(kv().txn().Then(gets.toArray(Op[]::new)).commit())
        .thenApply(txn -> {
          List<KeyValue> stored = txn.getGetResponses().getLast().getKvs();
          if (!stored.isEmpty() && stored.getFirst().getValue().equals(value)) {
            return new Committed();
          }
          Map<Integer, Long> now = OwnerKeys.epochOf(shards, txn);
          Set<Integer> fenced = new TreeSet<>();
          for (ShardAppend append : appends) {
            if (!stored.isEmpty() || now.get(append.shard()) != append.epoch()) {
              fenced.add(append.shard());
            }
          }
          return new Fenced(fenced);
        });
  }

  @Override
  public CompletableFuture<Void> ping() {
    return bounded(kv().get(LogKeys.owner(0), OwnerKeys.KEYS_ONLY)).thenApply(response -> null);
  }

  @Override
  public CompletableFuture<Map<Integer, Tail>> read(Set<Integer> wanted) {
    OpLog.checkShards(wanted, SHARDS_PER_READ_MAX);
    if (wanted.isEmpty()) {
      return CompletableFuture.completedFuture(Map.of());
    }
    List<Integer> shards = List.copyOf(wanted);
    return bounded(
            kv().txn()
                .Then(
                    OwnerKeys.each(
                        shards, shard -> Op.get(LogKeys.places(shard), PREFIX), Op[]::new))
                .commit())
        .thenCompose(txn -> {
          Map<Integer, TailReader> readers = new TreeMap<>();
          for (int i = 0; i < shards.size(); i++) {
            readers.put(shards.get(i), TailReader.of(txn.getGetResponses().get(i).getKvs()));
          }
          return read(readers).thenApply(done -> remember(readers));
        });
  }

  /** Each log once, from the first entry that any of the shards may need. */
  private CompletableFuture<Void> read(Map<Integer, TailReader> readers) {
    Map<String, Long> firsts = new TreeMap<>();
    readers
        .values()
        .forEach(
            reader -> reader.firsts().forEach((id, first) -> firsts.merge(id, first, Math::min)));
    CompletableFuture<Void> read = CompletableFuture.completedFuture(null);
    for (Map.Entry<String, Long> first : firsts.entrySet()) {
      read =
          read.thenCompose(done ->
              entries.read(
                  LogKeys.entry(first.getKey(), first.getValue()),
                  LogKeys.entriesEnd(first.getKey()),
                  entry -> take(entry, first.getKey(), readers)));
    }
    return read;
  }

  private static void take(KeyValue kv, String id, Map<Integer, TailReader> readers) {
    long number = LogKeys.entryNumber(kv.getKey());
    try {
      for (LogPart part : LogEntry.parseFrom(kv.getValue().getBytes()).getPartsList()) {
        TailReader reader = readers.get(part.getShard());
        if (reader != null) {
          reader.take(part, new Place(id, number));
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new UncheckedIOException(Bytes.text(kv.getKey()) + " cannot be read", e);
    }
  }

  private synchronized Map<Integer, Tail> remember(Map<Integer, TailReader> readers) {
    Map<Integer, Tail> tails = new TreeMap<>();
    readers.forEach((shard, reader) -> {
      ShardPlaces known = places.get(shard);
      if (known != null) {
        known.found(reader.pieces());
        reader.places().forEach(known::put);
      }
      tails.put(shard, reader.tail());
    });
    return tails;
  }

  @Override
  public CompletableFuture<Trimmed> trim(Trim trim) {
    List<Piece> dropped;
    List<Op> then = new ArrayList<>();
    synchronized (this) {
      ShardPlaces known = placesOf(trim.shard());
      long first = firstNeeded(known, trim.throughNumber());
      dropped =
          known.unneededAbove(trim.throughNumber(), log).stream()
              .limit(PIECES_PER_TRIM_MAX)
              .toList();
      then.add(put(LogKeys.trimmed(trim.shard()), trim.throughNumber()));
      then.add(put(known.ownKey(), first));
      dropped.forEach(piece -> then.add(Op.delete(piece.key(), DeleteOption.DEFAULT)));
    }
    return bounded(
            kv().txn()
                .If(OwnerKeys.ownedUnder(trim.shard(), trim.epoch()), lockHeld(trim.lockRevision()))
                .Then(then.toArray(Op[]::new))
                .Else(OwnerKeys.get(trim.shard()))
                .commit())
        .thenApply(txn -> {
          if (txn.isSucceeded()) {
            trimmed(trim, dropped);
            return Trimmed.DONE;
          }
          boolean owned =
              OwnerKeys.epochOf(List.of(trim.shard()), txn).get(trim.shard()) == trim.epoch();
          return owned ? Trimmed.UNLOCKED : Trimmed.FENCED;
        });
  }

  private long firstNeeded(ShardPlaces known, long above) {
    return known.above(above).values().stream()
        .filter(place -> place.log().equals(log))
        .mapToLong(Place::entry)
        .min()
        .orElse(nextEntry);
  }

  @Override
  public CompletableFuture<Void> advance(Map<Integer, Long> epochs, long lockRevision) {
    OpLog.checkShards(epochs.keySet(), SHARDS_PER_ADVANCE_MAX);
    List<Cmp> ifs = new ArrayList<>(List.of(lockHeld(lockRevision)));
    List<Op> then = new ArrayList<>();
    Map<Integer, List<Piece>> dropped = new HashMap<>();
    synchronized (this) {
      int deletesLeft = PIECES_PER_TRIM_MAX - epochs.size();
      for (Map.Entry<Integer, Long> each : epochs.entrySet()) {
        ShardPlaces known = placesOf(each.getKey());
        ifs.add(OwnerKeys.ownedUnder(each.getKey(), each.getValue()));
        then.add(put(known.ownKey(), firstNeeded(known, 0)));
        List<Piece> unneeded = known.unneededAbove(0, log).stream().limit(deletesLeft).toList();
        deletesLeft -= unneeded.size();
        unneeded.forEach(piece -> then.add(Op.delete(piece.key(), DeleteOption.DEFAULT)));
        dropped.put(each.getKey(), unneeded);
      }
    }
    return bounded(kv().txn().If(ifs.toArray(Cmp[]::new)).Then(then.toArray(Op[]::new)).commit())
        .thenAccept(txn -> {
          if (txn.isSucceeded()) {
            synchronized (this) {
              dropped.forEach((shard, pieces) -> placesOf(shard).trimmed(0, pieces));
            }
          }
        });
  }

  private static Op put(ByteSequence key, long number) {
    return Op.put(key, Bytes.of(Long.toString(number)), PutOption.DEFAULT);
  }

  private synchronized void trimmed(Trim trim, List<Piece> dropped) {
    placesOf(trim.shard()).trimmed(trim.throughNumber(), dropped);
  }

  @Override
  public CompletableFuture<Collected> collect(
      long lockRevision, Supplier<CompletableFuture<Boolean>> rest) {
    return new LogCollector(client, lockHeld(lockRevision)).collect(rest);
  }

  @Override
  public CompletableFuture<Void> forgetHistory(long point) {
    return kv().compact(point, CompactOption.builder().withCompactPhysical(true).build())
        .orTimeout(FORGET_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .handle((done, error) ->
            error == null || alreadyForgotten(error)
                ? CompletableFuture.<Void>completedFuture(null)
                : CompletableFuture.<Void>failedFuture(error))
        .thenCompose(done -> done);
  }

  /** A point that is yet to come has the same code. */
  private static boolean alreadyForgotten(Throwable error) {
    Status status = Status.fromThrowable(error);
    return status.getCode() == Status.Code.OUT_OF_RANGE
        && String.valueOf(status.getDescription()).contains("has been compacted");
  }

  private KV kv() {
    return client.getKVClient();
  }

  static <T> CompletableFuture<T> bounded(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  static Cmp lockHeld(long revision) {
    return new Cmp(LogKeys.lock(), Cmp.Op.EQUAL, CmpTarget.createRevision(revision));
  }
}
