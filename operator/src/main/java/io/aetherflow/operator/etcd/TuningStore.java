package io.aetherflow.operator.etcd;

import static io.aetherflow.operator.etcd.Calls.await;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.aetherflow.api.AppliedTuning;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.Tuning;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes the tuning of one cluster. Every call blocks at most {@link
 * Calls#TIMEOUT_MILLIS} per step and throws {@link EtcdException} when etcd does not answer. Not
 * for reconcile threads.
 */
final class TuningStore {
  private static final Logger LOG = LoggerFactory.getLogger(TuningStore.class);

  /** Frees the lock when the operator dies in the middle; outlasts one publication. */
  private static final long LOCK_LEASE_SECONDS = 10;

  /** Caps the memory that confirmations take, against keys somebody else put there. */
  static final long CONFIRMATIONS_MAX = 10_000;

  private static final Set<String> OWN_KEYS = Set.copyOf(Tuning.DEFAULT.entries().keySet());

  private final Client client;
  private final String prefix;

  /**
   * @param prefix of this cluster's keys, or empty
   */
  TuningStore(Client client, String prefix) {
    this.client = client;
    this.prefix = prefix;
  }

  /** What etcd holds now, by linearizable reads. Writes nothing. */
  EtcdFacts.Stored read() throws EtcdException, InterruptedException {
    List<KeyValue> config = range(EtcdKeys.CONFIG);
    Map<String, String> entries = new HashMap<>();
    Set<Long> revisions = new HashSet<>();
    for (KeyValue kv : config) {
      String key = kv.getKey().toString(UTF_8).substring(prefix.length());
      if (OWN_KEYS.contains(key)) {
        entries.put(key, kv.getValue().toString(UTF_8));
        revisions.add(kv.getModRevision());
      }
    }
    boolean whole = entries.size() == OWN_KEYS.size() && revisions.size() == 1;
    return new EtcdFacts.Stored(whole ? revisions.iterator().next() : 0, entries, confirmations());
  }

  /**
   * Writes all tuning keys in one transaction under the config lock, unless they are there already
   * as one revision. Keys of others are left alone.
   *
   * @return what etcd holds afterwards
   */
  EtcdFacts.Stored publish(Tuning tuning) throws EtcdException, InterruptedException {
    EtcdFacts.Stored before = read();
    if (before.publishes(tuning.entries())) {
      return before;
    }
    long lease = await("grant a lease", client.getLeaseClient().grant(LOCK_LEASE_SECONDS)).getID();
    try {
      ByteSequence lock =
          await(
                  "take the lock " + EtcdKeys.LOCK_CONFIG_UPDATE,
                  client.getLockClient().lock(bytes(prefix + EtcdKeys.LOCK_CONFIG_UPDATE), lease))
              .getKey();
      EtcdFacts.Stored current = read();
      return current.publishes(tuning.entries()) ? current : write(tuning, lock, current);
    } finally {
      // Nobody waits for this: the revocation also deletes the lock's key.
      client.getLeaseClient().revoke(lease);
    }
  }

  /** What the keeper of snapshots told last. */
  Optional<BackupReport> backup() throws EtcdException, InterruptedException {
    String key = EtcdKeys.STATUS_ETCD_BACKUP;
    return await("read " + key, client.getKVClient().get(bytes(prefix + key))).getKvs().stream()
        .findFirst()
        .flatMap(kv -> BackupReport.fromJson(kv.getValue().toString(UTF_8)));
  }

  private EtcdFacts.Stored write(Tuning tuning, ByteSequence lock, EtcdFacts.Stored current)
      throws EtcdException, InterruptedException {
    Map<String, String> entries = tuning.entries();
    Op[] puts =
        entries.entrySet().stream()
            .map(e -> Op.put(bytes(prefix + e.getKey()), bytes(e.getValue()), PutOption.DEFAULT))
            .toArray(Op[]::new);
    // The lease may have run out while we waited; then the lock is no longer ours.
    Cmp lockIsOurs = new Cmp(lock, Cmp.Op.GREATER, CmpTarget.createRevision(0));
    TxnResponse response =
        await("publish the tuning", client.getKVClient().txn().If(lockIsOurs).Then(puts).commit());
    if (!response.isSucceeded()) {
      throw new EtcdException("the config lock ran out before the tuning was written");
    }
    long revision = response.getHeader().getRevision();
    LOG.atInfo()
        .addKeyValue("action", "tuning_published")
        .addKeyValue("revision", revision)
        .log("tuning published");
    return new EtcdFacts.Stored(revision, entries, current.applied());
  }

  private Map<String, AppliedTuning> confirmations() throws EtcdException, InterruptedException {
    Map<String, AppliedTuning> applied = new HashMap<>();
    for (KeyValue kv : range(EtcdKeys.STATUS_QUANTUM)) {
      String key = kv.getKey().toString(UTF_8);
      try {
        applied.put(
            key.substring(key.lastIndexOf('/') + 1),
            AppliedTuning.fromJson(kv.getValue().toString(UTF_8)));
      } catch (IllegalArgumentException e) {
        LOG.atWarn()
            .addKeyValue("action", "confirmation_unreadable")
            .log("{}: {}", key, e.getMessage());
      }
    }
    return applied;
  }

  private List<KeyValue> range(String keys) throws EtcdException, InterruptedException {
    GetOption option = GetOption.builder().isPrefix(true).withLimit(CONFIRMATIONS_MAX).build();
    return await("read " + keys, client.getKVClient().get(bytes(prefix + keys), option)).getKvs();
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, UTF_8);
  }
}
