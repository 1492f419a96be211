package io.aetherflow.statesync.log;

import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** The lock as a leased key: it falls to the others when its holder dies. */
public final class EtcdCompactionLock implements CompactionLock {
  private final Client client;
  private final String holder;
  private final LongSupplier lease;

  /**
   * @param holder what the key says; used by no other process before or after
   * @param lease the holder's present lease; 0 while it has none
   */
  public EtcdCompactionLock(Client client, String holder, LongSupplier lease) {
    this.client = client;
    this.holder = holder;
    this.lease = lease;
  }

  @Override
  public CompletableFuture<OptionalLong> acquire() {
    long id = lease.getAsLong();
    if (id == 0) {
      return CompletableFuture.completedFuture(OptionalLong.empty());
    }
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .If(new Cmp(LogKeys.lock(), Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
                .Then(
                    Op.put(
                        LogKeys.lock(),
                        Bytes.of(holder),
                        PutOption.builder().withLeaseId(id).build()))
                .Else(Op.get(LogKeys.lock(), GetOption.DEFAULT))
                .commit())
        .thenCompose(txn ->
            txn.isSucceeded()
                ? CompletableFuture.completedFuture(OptionalLong.of(txn.getHeader().getRevision()))
                : taken(txn.getGetResponses().getFirst().getKvs().getFirst()));
  }

  private CompletableFuture<OptionalLong> taken(KeyValue lock) {
    return lock.getValue().equals(Bytes.of(holder))
        ? release(lock.getCreateRevision()).thenCompose(released -> acquire())
        : CompletableFuture.completedFuture(OptionalLong.empty());
  }

  @Override
  public CompletableFuture<Void> release(long revision) {
    return EtcdOpLog.bounded(
            client
                .getKVClient()
                .txn()
                .If(new Cmp(LogKeys.lock(), Cmp.Op.EQUAL, CmpTarget.createRevision(revision)))
                .Then(Op.delete(LogKeys.lock(), DeleteOption.DEFAULT))
                .commit())
        .thenApply(done -> null);
  }
}
