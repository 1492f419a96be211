package io.aetherflow.statesync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.aetherflow.api.EtcdKeys;
import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.ApplyOperationsResponse;
import io.aetherflow.api.statesync.v1.ListOperationsRequest;
import io.aetherflow.api.statesync.v1.ListOperationsResponse;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import io.aetherflow.api.statesync.v1.SyncServiceGrpc;
import io.aetherflow.runtime.etcd.Bytes;
import io.aetherflow.statesync.testing.Cluster;
import io.aetherflow.statesync.testing.Instance;
import io.etcd.jetcd.options.GetOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A real process over a real etcd, whose log is archived while it is written and killed. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CompactionTest {
  private static final String DOCUMENT = "long";
  private static final int DRAFT_BYTES = 2_000;
  private static final int DRAFTS = 100;

  /** As much as the log may hold several times over. */
  private static final int REQUESTS = 150;

  @Test
  void theLogLevelsOffAndNothingIsLostWhenItsOwnerIsKilledMeanwhile() {
    try (Cluster cluster = new Cluster("s-0")) {
      long most = 0;
      Instance owner = cluster.instance("s-0");
      for (int request = 0; request < REQUESTS; request++) {
        if (request % 50 == 25) {
          owner.kill();
          owner = cluster.start("s-0");
        }
        int now = request;
        Instance at = owner;
        await()
            .atMost(Duration.ofSeconds(40))
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(seqs(write(cluster, at, now))).isEqualTo(places(now)));
        most = Math.max(most, logEntries(cluster));
      }
      Instance at = owner;
      await()
          .atMost(Duration.ofSeconds(40))
          .untilAsserted(() -> assertThat(logEntries(cluster)).isLessThan(25));
      assertThat(most).as("entries at most, of " + REQUESTS).isLessThan(REQUESTS);
      assertThat(archiveChunks(cluster)).as("many operations to a key").isBetween(10L, 1_200L);
      assertThat(read(cluster, at))
          .extracting(Operation::getSeq)
          .isEqualTo(LongStream.rangeClosed(1, REQUESTS * DRAFTS).boxed().toList());
      assertThat(seqs(write(cluster, at, REQUESTS - 1)))
          .as("a repetition of what has left the log")
          .isEqualTo(places(REQUESTS - 1));
    }
  }

  private static List<Long> places(int request) {
    return LongStream.rangeClosed(request * DRAFTS + 1L, (request + 1L) * DRAFTS).boxed().toList();
  }

  private static List<Long> seqs(ApplyOperationsResponse response) {
    return response.getSeqsList();
  }

  private static ApplyOperationsResponse write(Cluster cluster, Instance at, int request) {
    ApplyOperationsRequest.Builder apply =
        ApplyOperationsRequest.newBuilder().setDocument(DOCUMENT).setClientId("writer");
    for (long seq : places(request)) {
      apply.addOperations(
          OperationDraft.newBuilder()
              .setClientSeq(seq)
              .setData(ByteString.copyFrom(new byte[DRAFT_BYTES])));
    }
    return SyncServiceGrpc.newBlockingStub(cluster.channel(at.address()))
        .withDeadlineAfter(3, TimeUnit.SECONDS)
        .applyOperations(apply.build());
  }

  private static List<Operation> read(Cluster cluster, Instance at) {
    List<Operation> all = new ArrayList<>();
    ListOperationsResponse page;
    do {
      page =
          SyncServiceGrpc.newBlockingStub(cluster.channel(at.address()))
              .listOperations(
                  ListOperationsRequest.newBuilder()
                      .setDocument(DOCUMENT)
                      .setFromSeq(all.size() + 1L)
                      .build());
      all.addAll(page.getOperationsList());
    } while (all.size() < page.getHead());
    return all;
  }

  private static long logEntries(Cluster cluster) {
    return count(cluster, EtcdKeys.LOGS + "entries/");
  }

  private static long archiveChunks(Cluster cluster) {
    return count(cluster, EtcdKeys.ARCHIVE);
  }

  private static long count(Cluster cluster, String prefix) {
    return cluster
        .caller()
        .etcd()
        .client()
        .getKVClient()
        .get(Bytes.of(prefix), GetOption.builder().isPrefix(true).withCountOnly(true).build())
        .join()
        .getCount();
  }
}
