package io.aetherflow.operator.etcd;

import io.aetherflow.api.Tuning;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * The links to the etcds of all clusters, one each, opened at first use and closed with the
 * cluster. Thread-safe; nothing here waits for etcd.
 *
 * @param <K> identifies a cluster
 */
public final class EtcdLinks<K> implements AutoCloseable {
  private final ConcurrentMap<K, EtcdLink> links = new ConcurrentHashMap<>();
  private final EtcdClients clients = new EtcdClients();
  private final Consumer<K> onChange;

  /**
   * @param onChange told the cluster whose facts changed, on that link's thread
   */
  public EtcdLinks(Consumer<K> onChange) {
    this.onChange = onChange;
  }

  /**
   * Keeps {@code tuning} published in the cluster's etcd (nothing: writes nothing) and returns the
   * facts known now.
   */
  public EtcdFacts follow(K cluster, EtcdTarget target, Optional<Tuning> tuning) {
    EtcdLink link =
        links.compute(
            cluster,
            (key, present) -> {
              if (present != null && present.target().sameStore(target)) {
                present.retarget(target);
                return present;
              }
              if (present != null) {
                present.close();
              }
              return new EtcdLink(key.toString(), target, clients, () -> onChange.accept(key));
            });
    link.desire(tuning);
    return link.facts();
  }

  /** The facts known now, of a cluster that is followed. */
  public EtcdFacts facts(K cluster) {
    EtcdLink link = links.get(cluster);
    return link == null ? EtcdFacts.UNKNOWN : link.facts();
  }

  /** What the cluster's etcd is to do about its members, or nothing. */
  public void order(K cluster, Optional<EtcdCommand> command) {
    EtcdLink link = links.get(cluster);
    if (link != null) {
      link.order(command);
    }
  }

  /**
   * Whether the cluster's databases are to be left alone for now, because a member is about to
   * stop.
   *
   * @return whether nothing is done to them, so that it may
   */
  public boolean holdUpkeep(K cluster, boolean hold) {
    EtcdLink link = links.get(cluster);
    return link == null || link.holdUpkeep(hold);
  }

  /** Asks the members again soon. */
  public void look(K cluster) {
    EtcdLink link = links.get(cluster);
    if (link != null) {
      link.look();
    }
  }

  /** Forgets a cluster and closes its client. */
  public void forget(K cluster) {
    EtcdLink link = links.remove(cluster);
    if (link != null) {
      link.close();
    }
  }

  @Override
  public void close() {
    links.values().forEach(EtcdLink::close);
    links.clear();
  }
}
