package io.aetherflow.session;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * Sessions under {@code /sessions/<bucket>/<id>}. Blocking; call it from a virtual thread. Fails
 * with {@link java.util.concurrent.CompletionException} when etcd does not answer in time.
 */
final class SessionStore {
  /** A change of one session competes with few others; more losses than this mean a fault. */
  private static final int ATTEMPTS_MAX = 10;

  /**
   * So many of the largest that there can be, 10 KiB each, are far below etcd's 1.5 MiB, and so few
   * are written one by one when one of them changes in between.
   */
  static final int TOGETHER_MAX = 12;

  private static final int PAGE_MAX = 1_000;
  private static final int BUCKETS = 64;
  private static final long CALL_TIMEOUT_MILLIS = 3_000;

  /** A session with the revision that wrote it. */
  record Found(StoredSession session, long modRevision) {}

  /** One page in key order; {@code next} is empty at the end. */
  record Page(List<Found> sessions, Optional<String> next) {}

  private final Client client;

  SessionStore(Client client) {
    this.client = client;
  }

  /** Stores a new session; false when the id is taken. */
  boolean create(StoredSession session) {
    ByteSequence key = key(session.id());
    return await(
            kv().txn()
                .If(new Cmp(key, Cmp.Op.EQUAL, CmpTarget.version(0)))
                .Then(Op.put(key, Bytes.of(session.toJson()), PutOption.DEFAULT))
                .commit())
        .isSucceeded();
  }

  Optional<Found> find(String id) {
    return found(await(kv().get(key(id), GetOption.DEFAULT))).stream().findFirst();
  }

  /**
   * Those that exist, by id, with one call.
   *
   * @param ids {@value #TOGETHER_MAX} at most
   */
  Map<String, Found> find(List<String> ids) {
    Op[] gets = ids.stream().map(id -> Op.get(key(id), GetOption.DEFAULT)).toArray(Op.GetOp[]::new);
    Map<String, Found> found = new LinkedHashMap<>();
    for (GetResponse each : await(kv().txn().Then(gets).commit()).getGetResponses()) {
      found(each).forEach(one -> found.put(one.session().id(), one));
    }
    return found;
  }

  /**
   * Changes all of them with one call, or none if one was changed since it was found.
   *
   * @param found of different sessions, {@value #TOGETHER_MAX} at most
   */
  boolean updateUnchanged(List<Found> found, UnaryOperator<StoredSession> change) {
    Cmp[] unchanged =
        found.stream().map(each -> unchanged(key(each.session().id()), each)).toArray(Cmp[]::new);
    Op[] puts =
        found.stream()
            .map(each -> change.apply(each.session()))
            .map(each -> Op.put(key(each.id()), Bytes.of(each.toJson()), PutOption.DEFAULT))
            .toArray(Op.PutOp[]::new);
    return await(kv().txn().If(unchanged).Then(puts).commit()).isSucceeded();
  }

  /** Changes a session unless it is gone; repeats when another changed it meanwhile. */
  Optional<StoredSession> update(String id, UnaryOperator<StoredSession> change) {
    ByteSequence key = key(id);
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Optional<Found> found = find(id);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      StoredSession changed = change.apply(found.get().session());
      boolean stored =
          await(
                  kv().txn()
                      .If(unchanged(key, found.get()))
                      .Then(Op.put(key, Bytes.of(changed.toJson()), PutOption.DEFAULT))
                      .commit())
              .isSucceeded();
      if (stored) {
        return Optional.of(changed);
      }
    }
    throw new IllegalStateException("session " + id + " changes faster than it can be written");
  }

  void delete(String id) {
    await(kv().delete(key(id)));
  }

  /** Deletes a session only if it is still what was found: a touch in between keeps it. */
  boolean deleteUnchanged(Found found) {
    ByteSequence key = key(found.session().id());
    return await(
            kv().txn()
                .If(unchanged(key, found))
                .Then(Op.delete(key, DeleteOption.DEFAULT))
                .commit())
        .isSucceeded();
  }

  /**
   * @param from key to begin at, from the page before, or empty
   */
  Page page(Optional<String> from, int size) {
    int limit = Math.clamp(size, 1, PAGE_MAX);
    String prefixEnd = EtcdKeys.SESSIONS.substring(0, EtcdKeys.SESSIONS.length() - 1) + "0";
    GetResponse response =
        await(
            kv().get(
                    Bytes.of(from.orElse(EtcdKeys.SESSIONS)),
                    GetOption.builder().withRange(Bytes.of(prefixEnd)).withLimit(limit).build()));
    List<KeyValue> kvs = response.getKvs();
    Optional<String> next =
        response.isMore()
            ? Optional.of(Bytes.text(kvs.getLast().getKey()) + "\0")
            : Optional.empty();
    return new Page(found(response), next);
  }

  static String idOf(String key) {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  private static Cmp unchanged(ByteSequence key, Found found) {
    return new Cmp(key, Cmp.Op.EQUAL, CmpTarget.modRevision(found.modRevision()));
  }

  private static List<Found> found(GetResponse response) {
    List<Found> found = new ArrayList<>();
    for (KeyValue kv : response.getKvs()) {
      found.add(new Found(StoredSession.fromJson(Bytes.text(kv.getValue())), kv.getModRevision()));
    }
    return found;
  }

  private KV kv() {
    return client.getKVClient();
  }

  private static <T> T await(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS).join();
  }

  private static ByteSequence key(String id) {
    int bucket = Math.floorMod(id.hashCode(), BUCKETS);
    return Bytes.of(EtcdKeys.SESSIONS + "%02x".formatted(bucket) + "/" + id);
  }
}
