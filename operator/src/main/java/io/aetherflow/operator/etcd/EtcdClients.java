package io.aetherflow.operator.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Opens clients of etcd. Who means the same addresses with the same identity gets the same one: a
 * client costs a channel, a Vert.x and threads, and hundreds of clusters may keep their keys in one
 * etcd. Thread-safe.
 */
final class EtcdClients {
  private final Map<Address, Shared> open = new HashMap<>();

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
    Shared shared = open.get(address);
    if (shared == null) {
      shared = new Shared(address, alone(address.endpoints(), address.identity()));
      open.put(address, shared);
    }
    shared.users++;
    return new Connection(shared);
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
    open.remove(shared.address, shared);
    return true;
  }

  private synchronized void discard(Shared shared) {
    open.remove(shared.address, shared);
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
