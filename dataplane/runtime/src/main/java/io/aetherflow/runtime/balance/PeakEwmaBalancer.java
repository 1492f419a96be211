package io.aetherflow.runtime.balance;

import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.Status;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * One connection per instance, and a picker over those that stand. Methods run in gRPC's
 * synchronization context.
 */
final class PeakEwmaBalancer extends LoadBalancer {
  private final Helper helper;
  private final LongSupplier nowNs;
  private final RandomGenerator random;
  private final Fleet fleet = new Fleet();
  private final Map<List<SocketAddress>, Instance> instances = new LinkedHashMap<>();

  /** A connection to an instance, kept while discovery knows it. */
  static final class Instance {
    final Subchannel subchannel;
    final Endpoint endpoint;
    ConnectivityState state = ConnectivityState.IDLE;
    Status failure = Status.UNAVAILABLE;

    Instance(Subchannel subchannel, Endpoint endpoint) {
      this.subchannel = subchannel;
      this.endpoint = endpoint;
    }
  }

  PeakEwmaBalancer(Helper helper, LongSupplier nowNs, RandomGenerator random) {
    this.helper = helper;
    this.nowNs = nowNs;
    this.random = random;
  }

  @Override
  public Status acceptResolvedAddresses(ResolvedAddresses resolved) {
    Set<List<SocketAddress>> wanted = new LinkedHashSet<>();
    resolved.getAddresses().forEach(group -> wanted.add(group.getAddresses()));
    fleet.size(wanted.size());
    for (List<SocketAddress> addresses : List.copyOf(instances.keySet())) {
      if (!wanted.contains(addresses)) {
        leave(instances.remove(addresses));
      }
    }
    wanted.stream().filter(each -> !instances.containsKey(each)).forEach(this::join);
    if (wanted.isEmpty()) {
      Status none = Status.UNAVAILABLE.withDescription("no live instance");
      handleNameResolutionError(none);
      return none;
    }
    publish();
    return Status.OK;
  }

  private void join(List<SocketAddress> addresses) {
    Subchannel subchannel =
        helper.createSubchannel(
            CreateSubchannelArgs.newBuilder()
                .setAddresses(new EquivalentAddressGroup(addresses))
                .build());
    Instance instance = new Instance(subchannel, new Endpoint(fleet, nowNs.getAsLong()));
    instances.put(addresses, instance);
    subchannel.start(info -> onState(addresses, instance, info));
    subchannel.requestConnection();
  }

  /** Calls under way still end in order: the connection closes after the last of them. */
  private void leave(Instance instance) {
    instance.subchannel.shutdown();
    instance.endpoint.forget(nowNs.getAsLong());
  }

  private void onState(
      List<SocketAddress> addresses, Instance instance, ConnectivityStateInfo info) {
    if (instances.get(addresses) != instance || info.getState() == ConnectivityState.SHUTDOWN) {
      return;
    }
    if (info.getState() == ConnectivityState.IDLE) {
      instance.subchannel.requestConnection();
    }
    // A failed connection counts as failed until it stands, not while it is tried again.
    boolean stillFailed =
        instance.state == ConnectivityState.TRANSIENT_FAILURE
            && info.getState() != ConnectivityState.READY;
    if (!stillFailed) {
      instance.state = info.getState();
    }
    if (info.getState() == ConnectivityState.TRANSIENT_FAILURE) {
      instance.failure = info.getStatus();
    }
    publish();
  }

  @Override
  public void handleNameResolutionError(Status error) {
    if (instances.values().stream().noneMatch(each -> each.state == ConnectivityState.READY)) {
      helper.updateBalancingState(
          ConnectivityState.TRANSIENT_FAILURE, new FixedResultPicker(PickResult.withError(error)));
    }
  }

  private void publish() {
    List<Instance> ready = new ArrayList<>();
    boolean connecting = false;
    Status failure = Status.UNAVAILABLE;
    for (Instance each : instances.values()) {
      switch (each.state) {
        case READY -> ready.add(each);
        case CONNECTING, IDLE -> connecting = true;
        case TRANSIENT_FAILURE, SHUTDOWN -> failure = each.failure;
      }
    }
    if (!ready.isEmpty()) {
      helper.updateBalancingState(
          ConnectivityState.READY, new PeakEwmaPicker(List.copyOf(ready), nowNs, random));
    } else if (connecting) {
      helper.updateBalancingState(
          ConnectivityState.CONNECTING, new FixedResultPicker(PickResult.withNoResult()));
    } else {
      helper.updateBalancingState(
          ConnectivityState.TRANSIENT_FAILURE,
          new FixedResultPicker(PickResult.withError(failure)));
    }
  }

  @Override
  public void shutdown() {
    instances.values().forEach(each -> each.subchannel.shutdown());
    instances.clear();
  }
}
