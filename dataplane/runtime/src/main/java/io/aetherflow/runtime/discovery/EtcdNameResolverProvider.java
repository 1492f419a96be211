package io.aetherflow.runtime.discovery;

import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Resolves {@code etcd:///session-service} to the live instances of a service. */
public final class EtcdNameResolverProvider extends NameResolverProvider {
  public static final String SCHEME = "etcd";

  /** Instance name of an address. */
  public static final Attributes.Key<String> INSTANCE = Attributes.Key.create("instance");

  private static final int PRIORITY = 5;

  private final Discovery discovery;
  private final Function<InetSocketAddress, SocketAddress> dialable;

  /**
   * @param dialable turns a discovered address into one the transport connects to
   */
  public EtcdNameResolverProvider(
      Discovery discovery, Function<InetSocketAddress, SocketAddress> dialable) {
    this.discovery = discovery;
    this.dialable = dialable;
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return PRIORITY;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(InetSocketAddress.class);
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme()) || target.getPath() == null) {
      return null;
    }
    return new Resolver(target.getPath().replaceFirst("^/", ""), args);
  }

  private final class Resolver extends NameResolver {
    private final String service;
    private final Args args;
    private Discovery.Subscription subscription;

    Resolver(String service, Args args) {
      this.service = service;
      this.args = args;
    }

    @Override
    public String getServiceAuthority() {
      return service;
    }

    @Override
    public void start(Listener2 listener) {
      subscription =
          discovery.onChange(
              service,
              instances ->
                  args.getSynchronizationContext()
                      .execute(() -> listener.onResult2(result(instances))));
    }

    private ResolutionResult result(Map<String, InetSocketAddress> instances) {
      if (instances.isEmpty()) {
        return ResolutionResult.newBuilder()
            .setAddressesOrError(
                StatusOr.fromStatus(
                    Status.UNAVAILABLE.withDescription("no live instance of " + service)))
            .build();
      }
      List<EquivalentAddressGroup> groups =
          new TreeMap<>(instances)
              .entrySet().stream().map(entry -> group(entry.getKey(), entry.getValue())).toList();
      return ResolutionResult.newBuilder().setAddressesOrError(StatusOr.fromValue(groups)).build();
    }

    private EquivalentAddressGroup group(String instance, InetSocketAddress address) {
      return new EquivalentAddressGroup(
          dialable.apply(address), Attributes.newBuilder().set(INSTANCE, instance).build());
    }

    @Override
    public void shutdown() {
      if (subscription != null) {
        subscription.close();
      }
    }
  }
}
