package io.aetherflow.statesync.shard;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.EtcdSession;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import io.aetherflow.statesync.loop.Loop;
import io.aetherflow.statesync.shard.ClusterView.Member;
import io.aetherflow.statesync.shard.ClusterView.Owner;
import io.etcd.jetcd.Client;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This instance among its peers: holds {@code /members/<name>} and follows {@code /members} and
 * {@code /owners}. The listener runs on the loop, once both are known and after every change.
 */
public final class Membership implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** The shortest term that etcd grants with its default election timeout. */
  private static final Duration TTL = Duration.ofSeconds(2);

  /**
   * Two may be late or lost before the others may take over from an instance that somebody misses.
   */
  private static final Duration RENEWAL_PERIOD = Duration.ofMillis(300);

  private final String self;
  private final String address;
  private final EtcdSession session;
  private final PrefixMirror memberMirror;
  private final PrefixMirror ownerMirror;
  private final Consumer<ClusterView> onView;
  private final Suspects suspects;
  private Map<String, Member> members;
  private Map<Integer, Owner> owners;

  /** The lease under which the owners are being read, on the loop. */
  private long readingUnder;

  /** The lease under which the owners of the present view were read. */
  private volatile long viewedUnder;

  /**
   * @param scheduler where the lease is renewed: not the loop, whose work must not delay it
   */
  public Membership(
      Client client,
      String self,
      String address,
      ScheduledExecutorService scheduler,
      Loop loop,
      LongSupplier nowNs,
      RandomGenerator random,
      Consumer<ClusterView> onView) {
    this.self = self;
    this.address = address;
    this.onView = onView;
    session = new EtcdSession(client, TTL, RENEWAL_PERIOD, scheduler, nowNs, random);
    suspects = new Suspects(loop, new MemberLeases(client), this::heard, nowNs);
    memberMirror = new PrefixMirror(client, EtcdKeys.MEMBERS, loop, random, this::onMembers);
    ownerMirror = new PrefixMirror(client, EtcdKeys.OWNERS, loop, random, this::onOwners);
    session.onLeaseChange(lease -> {
      memberMirror.resync();
      ownerMirror.resync(() -> readingUnder = lease);
    });
  }

  /** Becomes a candidate; call it when the server accepts calls. */
  public void join() {
    session.put(EtcdKeys.MEMBERS + self, new Member(address, false).encode());
  }

  /** Remains alive, but takes no further shards. */
  public void leave() {
    session.put(EtcdKeys.MEMBERS + self, new Member(address, true).encode());
  }

  /**
   * Whether what this instance knows of the owners holds: etcd has heard it so lately that nobody
   * judges it dead, and the owners were read since it was given its lease, for others may have
   * claimed its shards before.
   */
  public boolean proven() {
    return heard() && viewedUnder == session.leaseId();
  }

  private boolean heard() {
    return session.renewedWithin(MemberLeases.SILENCE);
  }

  /** Somebody hears nothing of a member: if etcd hears nothing either, it is a member no more. */
  public void suspect(String member) {
    suspects.add(member);
  }

  /** Of everything this instance holds; 0 while there is none. */
  public long leaseId() {
    return session.leaseId();
  }

  private void onMembers(SortedMap<String, Versioned> entries) {
    Map<String, Member> now = new TreeMap<>();
    entries.forEach((key, value) ->
        now.put(key.substring(EtcdKeys.MEMBERS.length()), Member.decode(value.value())));
    members = now;
    publish();
  }

  private void onOwners(SortedMap<String, Versioned> entries) {
    Map<Integer, Owner> now = new TreeMap<>();
    entries.forEach((key, value) -> {
      try {
        now.put(
            Integer.parseInt(key.substring(EtcdKeys.OWNERS.length())),
            Owner.decode(value.value(), value.modRevision()));
      } catch (NumberFormatException e) {
        LOG.warn("{} is no shard's key; ignored", key);
      }
    });
    owners = now;
    publish();
    viewedUnder = readingUnder;
  }

  private void publish() {
    if (members != null && owners != null) {
      onView.accept(new ClusterView(members, owners));
    }
  }

  /** Others see the instance gone. */
  @Override
  public void close() {
    memberMirror.close();
    ownerMirror.close();
    session.close();
  }
}
