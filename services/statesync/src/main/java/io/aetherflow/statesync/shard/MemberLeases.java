package io.aetherflow.statesync.shard;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.Bytes;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.options.LeaseOption;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The leases of other members, as etcd's leader counts them. Thread-safe.
 *
 * <p>etcd tells what is left of a term in whole seconds, rounded down. Less than the term but for
 * {@link #SILENCE} is left only when no renewal has come for longer than that. A term is 2 s at
 * least, so this is known before the lease ends.
 */
final class MemberLeases implements Suspects.Leases {
  /** The lease of who renews nothing for longer may be ended by others. */
  static final Duration SILENCE = Duration.ofSeconds(1);

  /** Against an etcd that does not answer; far below the time an instance is suspected for. */
  private static final long CALL_TIMEOUT_MILLIS = 500;

  private final Client client;

  MemberLeases(Client client) {
    this.client = client;
  }

  @Override
  public CompletableFuture<OptionalLong> of(String member) {
    return bounded(client.getKVClient().get(Bytes.of(EtcdKeys.MEMBERS + member)))
        .thenApply(found ->
            found.getKvs().isEmpty() || found.getKvs().getFirst().getLease() == 0
                ? OptionalLong.empty()
                : OptionalLong.of(found.getKvs().getFirst().getLease()));
  }

  @Override
  public CompletableFuture<Boolean> overdue(long lease) {
    return bounded(client.getLeaseClient().timeToLive(lease, LeaseOption.DEFAULT))
        .thenApply(term -> isOverdue(term.getTTL(), term.getGrantedTTL()));
  }

  /**
   * Whether no renewal has come for longer than {@link #SILENCE}.
   *
   * @param leftSeconds rounded down; negative when there is no such lease
   */
  static boolean isOverdue(long leftSeconds, long grantedSeconds) {
    return leftSeconds >= 0 && leftSeconds < grantedSeconds - SILENCE.toSeconds();
  }

  @Override
  public CompletableFuture<Void> end(long lease) {
    return bounded(client.getLeaseClient().revoke(lease)).thenApply(done -> null);
  }

  private static <T> CompletableFuture<T> bounded(CompletableFuture<T> call) {
    return call.orTimeout(CALL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }
}
