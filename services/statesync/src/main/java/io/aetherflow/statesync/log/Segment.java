package io.aetherflow.statesync.log;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.aetherflow.api.statesync.v1.OperationBatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
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

  /** Length of {@link #encode}. */
  public int encodedBytes() {
    int bytes = 0;
    for (OperationBatch batch : batches) {
      int size = batch.getSerializedSize();
      bytes += CodedOutputStream.computeUInt32SizeNoTag(size) + size;
    }
    return bytes;
  }

  /** Length-delimited protobuf messages, one after the other. */
  public ByteString encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(encodedBytes());
    try {
      for (OperationBatch batch : batches) {
        batch.writeDelimitedTo(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot fail", e);
    }
    return ByteString.copyFrom(out.toByteArray());
  }

  /**
   * @throws IOException when the bytes are not such a sequence
   */
  public static Segment decode(long number, byte[] bytes) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(bytes);
    List<OperationBatch> batches = new ArrayList<>();
    while (in.available() > 0) {
      batches.add(OperationBatch.parseDelimitedFrom(in));
    }
    return new Segment(number, batches);
  }
}
