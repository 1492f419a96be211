package io.aetherflow.gateway.hub;

import com.google.protobuf.ByteString;
import io.aetherflow.api.statesync.v1.Attached;
import io.aetherflow.api.statesync.v1.DocumentContent;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationBatch;
import io.aetherflow.api.statesync.v1.OperationDraft;
import java.util.List;
import java.util.stream.LongStream;

/** Messages for tests. */
final class Ops {
  static final String DOCUMENT = "doc";
  static final long EPOCH = 7;

  private Ops() {}

  static List<Operation> run(long first, long last) {
    return LongStream.rangeClosed(first, last).mapToObj(Ops::one).toList();
  }

  private static Operation one(long seq) {
    return Operation.newBuilder()
        .setSeq(seq)
        .setClientId("writer")
        .setClientSeq(seq)
        .setData(ByteString.copyFromUtf8("{\"n\":" + seq + "}"))
        .build();
  }

  static OperationBatch batch(long first, long last) {
    return OperationBatch.newBuilder()
        .setDocument(DOCUMENT)
        .setEpoch(EPOCH)
        .setFirstSeq(first)
        .addAllOperations(run(first, last))
        .build();
  }

  static Attached attached(long head) {
    return Attached.newBuilder()
        .setDocument(DOCUMENT)
        .setHead(head)
        .setEpoch(EPOCH)
        .setRecovered(true)
        .build();
  }

  static ListOperationsResponse page(long first, long last, long head) {
    return ListOperationsResponse.newBuilder()
        .addAllOperations(run(first, last))
        .setHead(head)
        .setEpoch(EPOCH)
        .build();
  }

  static DocumentContent state(long seq, int bytes, long head) {
    return DocumentContent.newBuilder()
        .setDocument(DOCUMENT)
        .setSeq(seq)
        .setData(ByteString.copyFrom(new byte[bytes]))
        .setHead(head)
        .setEpoch(EPOCH)
        .build();
  }

  static OperationDraft draft(long clientSeq) {
    return OperationDraft.newBuilder()
        .setClientSeq(clientSeq)
        .setData(ByteString.copyFromUtf8("{}"))
        .build();
  }
}
