package io.aetherflow.runtime.discovery;

import io.aetherflow.api.EtcdKeys;
import io.aetherflow.runtime.etcd.EtcdSession;
import io.aetherflow.runtime.etcd.PrefixMirror;
import io.aetherflow.runtime.etcd.PrefixMirror.Versioned;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Live instances of services: one watch per service, begun when it is first asked for.
 *
 * <p>While etcd is away the last known instances stay. Thread-safe.
 */
public final class Discovery implements AutoCloseable {
  private final EtcdSession session;
  private final ScheduledExecutorService scheduler;
  private final RandomGenerator random;
  private final Map<String, Service> services = new ConcurrentHashMap<>();

  public Discovery(
      EtcdSession session, ScheduledExecutorService scheduler, RandomGenerator random) {
    this.session = session;
    this.scheduler = scheduler;
    this.random = random;
    session.onLeaseChange(lease -> services.values().forEach(Service::resync));
  }

  /** Instances by name; empty until the first answer. */
  public Map<String, InetSocketAddress> instances(String service) {
    return service(service).instances;
  }

  /** Called on the scheduler with each change, and at once with what is known. */
  public Subscription onChange(String service, Consumer<Map<String, InetSocketAddress>> listener) {
    Service watched = service(service);
    scheduler.execute(() -> {
      watched.listeners.add(listener);
      if (watched.loaded) {
        listener.accept(watched.instances);
      }
    });
    return () -> watched.listeners.remove(listener);
  }

  /** Ends the calls; idempotent. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  private Service service(String name) {
    return services.computeIfAbsent(name, Service::new);
  }

  @Override
  public void close() {
    services.values().forEach(service -> service.mirror.close());
  }

  /**
   * The address in a discovery value, or empty when it is not {@code ip:port}; names are not looked
   * up.
   */
  static Optional<InetSocketAddress> address(String value) {
    int colon = value.lastIndexOf(':');
    try {
      int port = Integer.parseInt(value.substring(colon + 1));
      String host = colon < 0 ? "" : value.substring(0, colon);
      return host.isEmpty()
          ? Optional.empty()
          : Optional.of(InetSocketAddress.createUnresolved(host, port));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private final class Service {
    private final String prefix;
    private final List<Consumer<Map<String, InetSocketAddress>>> listeners =
        new CopyOnWriteArrayList<>();
    private final PrefixMirror mirror;
    private volatile Map<String, InetSocketAddress> instances = Map.of();
    private volatile boolean loaded;

    Service(String name) {
      this.prefix = EtcdKeys.instances(name);
      this.mirror = new PrefixMirror(session.client(), prefix, scheduler, random, this::changed);
    }

    void resync() {
      mirror.resync();
    }

    private void changed(SortedMap<String, Versioned> entries) {
      Map<String, InetSocketAddress> found = new TreeMap<>();
      entries.forEach((key, value) ->
          address(value.value())
              .ifPresent(address -> found.put(key.substring(prefix.length()), address)));
      if (!loaded || !found.equals(instances)) {
        loaded = true;
        instances = Map.copyOf(found);
        listeners.forEach(listener -> listener.accept(instances));
      }
    }
  }
}
