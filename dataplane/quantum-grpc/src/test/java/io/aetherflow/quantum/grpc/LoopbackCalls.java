package io.aetherflow.quantum.grpc;

import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Calls of 1,000 bytes over loopback, closed loop with 1 and with 64 outstanding, on Quantum and on
 * gRPC's own transport in turn. By hand, for {@code docs/benchmarks.md}; argument: rounds.
 */
final class LoopbackCalls {
  private static final int BYTES = 1000;
  private static final int CALLS_ALONE = 10_000;
  private static final int CALLS_TOGETHER = 60_000;

  private LoopbackCalls() {}

  public static void main(String[] args) throws Exception {
    int rounds = args.length == 0 ? 4 : Integer.parseInt(args[0]);
    QuantumTransport transport =
        new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);
    InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
    Server quantum = start(QuantumServerBuilder.forAddress(transport, any));
    Server tcp = start(NettyServerBuilder.forAddress(any));
    ManagedChannel overQuantum =
        QuantumChannelBuilder.forAddress(transport, "127.0.0.1", quantum.getPort())
            .usePlaintext()
            .build();
    ManagedChannel overTcp =
        NettyChannelBuilder.forAddress("127.0.0.1", tcp.getPort()).usePlaintext().build();
    for (int round = 0; round < rounds; round++) {
      for (int outstanding : new int[] {1, 64}) {
        run("tcp", overTcp, outstanding);
        run("quantum", overQuantum, outstanding);
      }
    }
    System.exit(0);
  }

  private static Server start(NettyServerBuilder builder) throws Exception {
    return builder.addService(new EchoService().definition()).build().start();
  }

  private static void run(String name, ManagedChannel channel, int outstanding) throws Exception {
    int calls = outstanding == 1 ? CALLS_ALONE : CALLS_TOGETHER;
    Load load = new Load(channel, calls, outstanding);
    long startNs = System.nanoTime();
    for (int i = 0; i < outstanding; i++) {
      load.next();
    }
    load.over.await();
    double seconds = (System.nanoTime() - startNs) / 1e9;
    if (load.failure.get() != null) {
      throw load.failure.get().asRuntimeException();
    }
    Arrays.sort(load.latencyNs);
    System.out.printf(
        "%-8s %2d outstanding: p50 %5d us, p99 %6d us, %6.0f calls/s%n",
        name,
        outstanding,
        load.latencyNs[calls / 2] / 1000,
        load.latencyNs[calls * 99 / 100] / 1000,
        calls / seconds);
  }

  private static final class Load {
    private final ManagedChannel channel;
    private final int calls;
    private final byte[] request = new byte[BYTES];
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger running;
    final long[] latencyNs;
    final CountDownLatch over = new CountDownLatch(1);
    final AtomicReference<Status> failure = new AtomicReference<>();

    Load(ManagedChannel channel, int calls, int outstanding) {
      this.channel = channel;
      this.calls = calls;
      running = new AtomicInteger(outstanding);
      latencyNs = new long[calls];
    }

    void next() {
      int index = started.getAndIncrement();
      if (index >= calls) {
        if (running.decrementAndGet() == 0) {
          over.countDown();
        }
        return;
      }
      long startNs = System.nanoTime();
      ClientCall<byte[], byte[]> call = channel.newCall(EchoService.UNARY, CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              if (!status.isOk()) {
                failure.set(status);
              }
              latencyNs[index] = System.nanoTime() - startNs;
              next();
            }
          },
          new Metadata());
      call.request(1);
      call.sendMessage(request);
      call.halfClose();
    }
  }
}
