package io.aetherflow.e2e.collab;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import java.time.Duration;
import java.util.UUID;

/** A client that edits one document without pause until it is checked. */
public final class Writing implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(180);

  /** Keeps the log short: a client replays all of it in the end. */
  private static final int OPS_PER_SECOND = 40;

  private final Door door;
  private final Tokens tokens;
  private final String document = "e2e-" + UUID.randomUUID();
  private final Editor ada;
  private final Thread pace;
  private volatile boolean stop;

  public Writing(Cluster cluster) {
    tokens = Tokens.of(cluster);
    door = Door.to(cluster, cluster.pods("api-gateway").getFirst());
    ada = new Editor("ada", door, tokens.mint("ada"), document);
    ada.awaitAttached(TIMEOUT);
    pace = Thread.ofVirtual().start(this::write);
  }

  private void write() {
    try {
      while (!stop) {
        ada.write(1);
        Thread.sleep(1_000 / OPS_PER_SECOND);
      }
    } catch (InterruptedException e) {
      // Closed.
    }
  }

  /** Ends it; every operation that was acknowledged is there, and nobody was told an error. */
  public void check() throws InterruptedException {
    stop = true;
    pace.join();
    ada.awaitAcked(TIMEOUT);
    int written = Ledger.check(door, tokens.mint("carol"), document, ada).size();
    assertThat(written).as("operations written meanwhile").isGreaterThan(OPS_PER_SECOND);
    System.out.printf("%d operations acknowledged, all found%n", written);
  }

  @Override
  public void close() {
    stop = true;
    pace.interrupt();
    ada.close();
    door.close();
  }
}
