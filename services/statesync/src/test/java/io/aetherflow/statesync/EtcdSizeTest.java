package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.api.statesync.v1.ConflictPolicy;
import io.aetherflow.statesync.testing.Server;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one document can take of etcd however much is written to it, history of etcd included. */
@Timeout(120)
class EtcdSizeTest {
  /** So many that the level, which varies with the machine, is reached at half of them. */
  private static final int EDITS = 2400;

  private static final String VALUE = "x".repeat(100_000);

  /** History that is kept for 30 s goes after 1 s here. */
  private static final int CLOCK_RATE = 30;

  private static final Clock FAST =
      new Clock() {
        private final long startNs = System.nanoTime();

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          throw new UnsupportedOperationException("UTC only");
        }

        @Override
        public Instant instant() {
          return Instant.EPOCH.plusNanos(CLOCK_RATE * (System.nanoTime() - startNs));
        }
      };

  @Test
  void theDatabaseStopsGrowingWhileADocumentIsWritten() {
    try (Server server = new Server(FAST)) {
      server.create("doc", ConflictPolicy.CONFLICT_POLICY_PROPERTY_LWW);
      long atHalf = 0;
      for (int i = 1; i <= EDITS; i++) {
        String edit = "{\"set\": {\"p" + i % 5 + "\": \"" + i + VALUE + "\"}}";
        server.apply("doc", "writer", draft(i, edit).build());
        if (i == EDITS / 2) {
          atHalf = databaseBytes(server);
        }
      }
      long atEnd = databaseBytes(server);
      System.out.printf(
          "etcd's database: %d MB after %d MB written, %d MB after %d MB%n",
          atHalf >> 20,
          EDITS / 2 * VALUE.length() >> 20,
          atEnd >> 20,
          EDITS * VALUE.length() >> 20);
      assertThat(atEnd).isLessThan(EDITS * VALUE.length());
      assertThat(atEnd - atHalf).as("growth").isLessThan(EDITS * VALUE.length() / 8);
      assertThat(server.state("doc").getSeq()).isEqualTo(EDITS);
    }
  }

  private static long databaseBytes(Server server) {
    return server
        .runtime()
        .etcd()
        .client()
        .getMaintenanceClient()
        .statusMember(server.etcd().endpoint().toString())
        .join()
        .getDbSize();
  }
}
