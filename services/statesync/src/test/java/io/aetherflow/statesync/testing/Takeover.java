package io.aetherflow.statesync.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Run by hand: how long a writer waits when the owner of its document is killed or drained, one of
 * three instances on one etcd, again and again.
 */
public final class Takeover {
  private static final String[] NAMES = {"s-0", "s-1", "s-2"};
  private static final long WRITE_EVERY_MILLIS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Takeover() {}

  /** Arguments: {@code kill} or {@code drain}, repetitions. */
  public static void main(String[] args) throws InterruptedException {
    boolean kill = args[0].equals("kill");
    long[] millis = new long[Integer.parseInt(args[1])];
    try (Cluster cluster = new Cluster(NAMES)) {
      for (int i = 0; i < millis.length; i++) {
        await().atMost(PATIENCE).until(() -> cluster.settled(NAMES));
        millis[i] = once(cluster, "takeover-" + i, kill);
        System.out.printf("%s %d: %d ms%n", args[0], i, millis[i]);
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        "%s: %d repetitions, p50 %d ms, max %d ms%n",
        args[0], millis.length, millis[millis.length / 2], millis[millis.length - 1]);
    System.exit(0);
  }

  private static long once(Cluster cluster, String document, boolean kill)
      throws InterruptedException {
    try (DocumentClient writer = new DocumentClient(cluster, document, "writer")) {
      writer.write("warm-up");
      await().atMost(PATIENCE).until(() -> writer.acked().size() == 1);
      Instance owner = cluster.ownerOf(document);
      Thread fault = Thread.ofPlatform().start(kill ? owner::kill : owner::terminate);
      int written = 1;
      int before = 0;
      while (fault.isAlive() || writer.acked().size() <= before + 1) {
        if (fault.isAlive()) {
          before = writer.acked().size();
        }
        writer.write("w" + written++);
        TimeUnit.MILLISECONDS.sleep(WRITE_EVERY_MILLIS);
      }
      int all = written;
      await()
          .atMost(PATIENCE)
          .until(() -> writer.acked().size() == all && writer.seen().size() == all);
      if (!writer.faults().isEmpty()) {
        throw new IllegalStateException(writer.faults().toString());
      }
      cluster.start(owner.name());
      return writer.longestSilenceMillis();
    }
  }
}
