package io.aetherflow.gateway.testing;

import io.aetherflow.api.statesync.v1.ApplyOperationsRequest;
import io.aetherflow.api.statesync.v1.Operation;
import io.aetherflow.api.statesync.v1.OperationDraft;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The ordered, idempotent log that the instances of the fake statesync share, as etcd would be. */
final class MemoryLog {
  private final Map<String, List<Operation>> documents = new HashMap<>();
  private final Map<String, Long> stored = new HashMap<>();

  /** Appends what is new; returns one sequence number per draft. */
  synchronized List<Long> append(ApplyOperationsRequest request) {
    List<Long> seqs = new ArrayList<>();
    List<Operation> log = log(request.getDocument());
    for (OperationDraft draft : request.getOperationsList()) {
      String key = request.getDocument() + "|" + request.getClientId() + "|" + draft.getClientSeq();
      Long before = stored.get(key);
      if (before == null) {
        before = log.size() + 1L;
        stored.put(key, before);
        log.add(
            Operation.newBuilder()
                .setSeq(before)
                .setClientId(request.getClientId())
                .setClientSeq(draft.getClientSeq())
                .setUser(request.getUser())
                .setData(draft.getData())
                .build());
      }
      seqs.add(before);
    }
    return seqs;
  }

  synchronized List<Operation> read(String document, long fromSeq, int limit) {
    List<Operation> log = log(document);
    int from = (int) Math.min(log.size(), Math.max(0, fromSeq - 1));
    return List.copyOf(log.subList(from, (int) Math.min(log.size(), (long) from + limit)));
  }

  synchronized long head(String document) {
    return log(document).size();
  }

  private List<Operation> log(String document) {
    return documents.computeIfAbsent(document, _ -> new ArrayList<>());
  }
}
