package io.aetherflow.operator.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Opens clients of etcd. Who means the same addresses with the same identity gets the same one, up
 * to {@link #USERS_MAX}: a client costs a channel and threads, and hundreds of clusters may keep
 * their keys in one etcd. Thread-safe.
 */
final class EtcdClients {
  /**
   * A client is one HTTP/2 connection, on which a server or a proxy bounds the streams: RFC 9113
   * advises not to go below 100, and Go's server, which an etcd with TLS uses unless it is told
   * otherwise, admits 250. A call beyond the bound waits for another to end, and watches never do.
   */
  static final int STREAMS_MAX = 100;

  /** Three watches that stand, and a call. */
  private static final int STREAMS_PER_USER = 4;

  /** How many share a client, so that their streams fit its connection. */
  static final int USERS_MAX = STREAMS_MAX / STREAMS_PER_USER;

  /** Clients that take users, by address. */
  private final Map<Address, List<Shared>> open = new HashMap<>();

  private record Address(List<String> endpoints, Optional<EtcdIdentity> identity) {
    static Address of(EtcdTarget target) {
      return new Address(
          target.members().stream().map(EtcdTarget.Member::endpoint).toList(), target.identity());
    }
  }

  private static final class Shared {
    final Address address;
    final Client client;
    int users;

    Shared(Address address, Client client) {
      this.address = address;
      this.client = client;
    }
  }

  /** The client of these members, whatever the prefix; it knows of none. */
  synchronized Connection connect(EtcdTarget target) throws EtcdException {
    Address address = Address.of(target);
    Optional<Shared> known =
        open.getOrDefault(address, List.of()).stream()
            .filter(each -> each.users < USERS_MAX)
            .findFirst();
    Shared shared = known.isPresent() ? known.get() : open(address);
    shared.users++;
    return new Connection(shared);
  }

  private Shared open(Address address) throws EtcdException {
    Shared shared = new Shared(address, alone(address.endpoints(), address.identity()));
    open.computeIfAbsent(address, each -> new ArrayList<>()).add(shared);
    return shared;
  }

  /** A client that nobody else has, to be closed after use. */
  static Client alone(List<String> endpoints, Optional<EtcdIdentity> identity)
      throws EtcdException {
    ClientBuilder builder =
        Client.builder()
            .endpoints(endpoints.stream().map(URI::create).toList())
            .connectTimeout(Duration.ofSeconds(2))
            .retryMaxDuration(Duration.ofSeconds(2))
            .keepaliveTime(Duration.ofSeconds(20))
            .keepaliveTimeout(Duration.ofSeconds(5));
    if (identity.isPresent()) {
      builder.sslContext(identity.get().grpc());
    }
    return builder.build();
  }

  private void leave(Shared shared) {
    if (countOut(shared)) {
      // Not under the lock, which all other clusters need to connect.
      shared.client.close();
    }
  }

  /** Whether that was the last user. */
  private synchronized boolean countOut(Shared shared) {
    shared.users--;
    if (shared.users > 0) {
      return false;
    }
    discard(shared);
    return true;
  }

  private synchronized void discard(Shared shared) {
    open.computeIfPresent(
        shared.address,
        (address, all) -> {
          all.remove(shared);
          return all.isEmpty() ? null : all;
        });
  }

  /** One user's part in a client. One thread at a time. */
  final class Connection {
    private final Shared shared;

    private Connection(Shared shared) {
      this.shared = shared;
    }

    Client client() {
      return shared.client;
    }

    /** Ends this part; the client ends with the last. */
    void close() {
      leave(shared);
    }

    /** The same, and whoever connects from now on gets another client. */
    void giveUp() {
      discard(shared);
      leave(shared);
    }
  }
}
