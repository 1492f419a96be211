package io.aetherflow.runtime.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Channels by address, each kept while it is used. Instances come and go under ever new addresses;
 * an address nobody calls any more is forgotten, so that what is held is bounded by what is called.
 * Thread-safe.
 */
final class DirectChannels {
  /** An address without a call for this time is closed and forgotten. */
  static final long UNUSED_NS = TimeUnit.SECONDS.toNanos(60);

  /** Calls look for unused addresses at most this often. */
  private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(5);

  /** How often calls may have a dead address dialled before gRPC's own back-off is over. */
  static final long DIAL_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Function<String, ManagedChannel> dial;
  private final LongSupplier nowNs;
  private final Map<String, Entry> entries = new HashMap<>();
  private long sweptNs;
  private boolean closed;

  private static final class Entry {
    final ManagedChannel channel;
    int calls;
    long usedNs;
    long dialledNs;

    Entry(ManagedChannel channel, long nowNs) {
      this.channel = channel;
      this.usedNs = nowNs;
      this.dialledNs = nowNs;
    }
  }

  DirectChannels(Function<String, ManagedChannel> dial, LongSupplier nowNs) {
    this.dial = dial;
    this.nowNs = nowNs;
    this.sweptNs = nowNs.getAsLong();
  }

  /** Stays usable for ever: a call after the address was forgotten dials it again. */
  Channel to(String address) {
    return new Facade(address);
  }

  synchronized int size() {
    return entries.size();
  }

  /** No call is taken from now on; the caller shuts the channels down. */
  synchronized List<ManagedChannel> close() {
    closed = true;
    List<ManagedChannel> open = entries.values().stream().map(each -> each.channel).toList();
    entries.clear();
    return open;
  }

  private Entry use(String address) {
    List<ManagedChannel> unused;
    Entry entry;
    synchronized (this) {
      if (closed) {
        throw Status.UNAVAILABLE.withDescription("this pod stops").asRuntimeException();
      }
      long now = nowNs.getAsLong();
      entry = entries.computeIfAbsent(address, each -> new Entry(dial.apply(each), now));
      entry.calls++;
      unused = sweep(now);
    }
    unused.forEach(ManagedChannel::shutdown);
    return entry;
  }

  private synchronized boolean mayDialAgain(Entry entry) {
    long now = nowNs.getAsLong();
    boolean due = now - entry.dialledNs >= DIAL_AGAIN_NS;
    if (due) {
      entry.dialledNs = now;
    }
    return due;
  }

  private synchronized void done(Entry entry) {
    entry.calls--;
    entry.usedNs = nowNs.getAsLong();
  }

  private List<ManagedChannel> sweep(long now) {
    List<ManagedChannel> unused = new ArrayList<>();
    if (now - sweptNs < SWEEP_NS) {
      return unused;
    }
    sweptNs = now;
    for (Iterator<Entry> each = entries.values().iterator(); each.hasNext(); ) {
      Entry entry = each.next();
      if (entry.calls == 0 && now - entry.usedNs >= UNUSED_NS) {
        each.remove();
        unused.add(entry.channel);
      }
    }
    return unused;
  }

  private final class Facade extends Channel {
    private final String address;

    Facade(String address) {
      this.address = address;
    }

    @Override
    public String authority() {
      return address;
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
      Entry entry = use(address);
      if (entry.channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE
          && mayDialAgain(entry)) {
        // Whoever calls has been told that the instance is there: one that was restarted under its
        // old address would else be out of reach for as long as the dead one was tried in vain.
        entry.channel.resetConnectBackoff();
      }
      return new SimpleForwardingClientCall<>(entry.channel.newCall(method, options)) {
        private boolean started;

        @Override
        public void start(Listener<A> listener, Metadata headers) {
          started = true;
          super.start(
              new SimpleForwardingClientCallListener<>(listener) {
                @Override
                public void onClose(Status status, Metadata trailers) {
                  done(entry);
                  super.onClose(status, trailers);
                }
              },
              headers);
        }

        @Override
        public void cancel(String message, Throwable cause) {
          if (!started) {
            started = true;
            done(entry);
          }
          super.cancel(message, cause);
        }
      };
    }
  }
}
