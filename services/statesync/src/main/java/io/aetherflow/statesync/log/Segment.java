package io.aetherflow.statesync.log;

import com.google.protobuf.CodedOutputStream;
import io.aetherflow.api.statesync.v1.OperationBatch;
import java.util.List;

/**
 * What one batch adds to one shard's log: operations of any of its documents.
 *
 * @param number 1, 2, 3, ... per shard, without a hole
 */
public record Segment(long number, List<OperationBatch> batches) {

  public Segment {
    batches = List.copyOf(batches);
  }

  /** What the operations take in an entry of the log. */
  public int encodedBytes() {
    int bytes = 0;
    for (OperationBatch batch : batches) {
      int size = batch.getSerializedSize();
      bytes += CodedOutputStream.computeUInt32SizeNoTag(size) + size;
    }
    return bytes;
  }
}
