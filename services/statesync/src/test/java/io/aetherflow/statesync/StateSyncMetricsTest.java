package io.aetherflow.statesync;

import static io.aetherflow.statesync.testing.Server.draft;
import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.statesync.testing.Server;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/metrics.md} lists what an instance exports besides what every pod does. */
@Timeout(60)
class StateSyncMetricsTest {
  private static final Path DOCUMENT = Path.of("../../docs/metrics.md");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\| ([a-z]+) \\|.*");
  private static final Pattern TYPE = Pattern.compile("# TYPE ([a-z_]+) ([a-z]+)");

  @Test
  void theTableIsWhatAnInstanceExports() throws Exception {
    Map<String, String> everyPods = new TreeMap<>();
    Map<String, String> own = new TreeMap<>();
    Map<String, String> table = everyPods;
    for (String line : Files.readAllLines(DOCUMENT)) {
      Matcher row = ROW.matcher(line);
      if (line.equals("## Statesync")) {
        table = own;
      } else if (row.matches()) {
        table.put(row.group(1), row.group(2));
      }
    }
    try (Server server = new Server()) {
      server.apply("doc", "c", draft(1, "12345").build());
      String scrape = scrape(server);
      Map<String, String> exported = new TreeMap<>();
      for (Matcher type = TYPE.matcher(scrape); type.find(); ) {
        boolean ours = type.group(1).startsWith("app_") || type.group(1).startsWith("statesync_");
        if (ours && !everyPods.containsKey(type.group(1)) && !type.group(1).endsWith("_max")) {
          exported.put(type.group(1), type.group(2));
        }
      }
      assertThat(exported).isEqualTo(own);
      assertThat(scrape).contains("app_operations_total 1.0", "app_operation_bytes_total 5.0");
      assertThat(scrape).contains("statesync_shards_owned 256.0");
    }
  }

  private static String scrape(Server server) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.runtime().metricsPort() + "/metrics");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
