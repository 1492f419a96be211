package io.aetherflow.examples;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.LocateDocumentRequest;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.RoutingServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc.SyncServiceBlockingStub;
import io.aetherflow.quantum.TransportTuning;
import io.aetherflow.quantum.connection.ConnectionTrace;
import io.aetherflow.quantum.grpc.QuantumChannelBuilder;
import io.aetherflow.quantum.netty.QuantumTransport;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Appends three operations to a document over gRPC on Quantum, and reads its log back. Arguments:
 * host and port of any statesync instance, and the document's id.
 */
public final class SharedDocument {
  /** Of a document that moves to another owner, as within about three seconds of a crash. */
  private static final Set<Code> MOVING =
      Set.of(Code.UNAVAILABLE, Code.FAILED_PRECONDITION, Code.DEADLINE_EXCEEDED);

  private final QuantumTransport transport =
      new QuantumTransport(TransportTuning.DEFAULT, ConnectionTrace.NONE);
  private final Map<String, ManagedChannel> channels = new HashMap<>();
  private final String instance;
  private final String document;

  private SharedDocument(String instance, String document) {
    this.instance = instance;
    this.document = document;
  }

  public static void main(String[] args) throws InterruptedException {
    new SharedDocument(args[0], args[1]).run();
  }

  private void run() throws InterruptedException {
    String clientId = "example-" + UUID.randomUUID();
    for (int n = 1; n <= 3; n++) {
      System.out.println("stored at " + append(clientId, n, "{\"line\":" + n + "}"));
    }
    var wanted = ListOperationsRequest.newBuilder().setDocument(document).setFromSeq(1).build();
    owner()
        .listOperations(wanted)
        .getOperationsList()
        .forEach(each -> System.out.println(each.getSeq() + " " + each.getData().toStringUtf8()));
    channels.values().forEach(ManagedChannel::shutdownNow);
  }

  /** Safe to repeat: the same client and number are stored once. */
  private long append(String clientId, int clientSeq, String data) throws InterruptedException {
    ApplyOperationsRequest request =
        ApplyOperationsRequest.newBuilder()
            .setDocument(document)
            .setClientId(clientId)
            .setUser("example")
            .addOperations(
                OperationDraft.newBuilder()
                    .setClientSeq(clientSeq)
                    .setData(ByteString.copyFromUtf8(data)))
            .build();
    for (int attempt = 1; ; attempt++) {
      try {
        return owner().applyOperations(request).getSeqs(0);
      } catch (StatusRuntimeException e) {
        if (!MOVING.contains(e.getStatus().getCode()) || attempt == 20) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(250);
      }
    }
  }

  /** Only the owner of a document takes its operations, and every instance knows who that is. */
  private SyncServiceBlockingStub owner() {
    var wanted = LocateDocumentRequest.newBuilder().setDocument(document).build();
    var routing = RoutingServiceGrpc.newBlockingStub(channel(instance));
    String address =
        routing.withDeadlineAfter(5, TimeUnit.SECONDS).locateDocument(wanted).getAddress();
    return SyncServiceGrpc.newBlockingStub(channel(address)).withDeadlineAfter(5, TimeUnit.SECONDS);
  }

  private ManagedChannel channel(String address) {
    return channels.computeIfAbsent(
        address, _ -> QuantumChannelBuilder.forTarget(transport, address).usePlaintext().build());
  }
}
