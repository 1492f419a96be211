package io.aetherflow.statesync.document;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What this process did and holds. Written on the loop, read anywhere. */
public final class Totals {
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong operationBytes = new AtomicLong();
  private final AtomicInteger documents = new AtomicInteger();
  private final AtomicInteger subscriptions = new AtomicInteger();

  void durable(int more, long bytes) {
    operations.addAndGet(more);
    operationBytes.addAndGet(bytes);
  }

  void documents(int more) {
    documents.addAndGet(more);
  }

  void subscriptions(int more) {
    subscriptions.addAndGet(more);
  }

  /** Operations that became durable. */
  public long operations() {
    return operations.get();
  }

  /** The bytes of their data. */
  public long operationBytes() {
    return operationBytes.get();
  }

  /** Documents in memory. */
  public int documents() {
    return documents.get();
  }

  /** Streams that follow a document, each once per document. */
  public int subscriptions() {
    return subscriptions.get();
  }
}
