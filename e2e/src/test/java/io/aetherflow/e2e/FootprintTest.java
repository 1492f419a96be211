package io.aetherflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.aetherflow.e2e.cluster.Cluster;
import io.aetherflow.e2e.cluster.ClusterTest;
import io.aetherflow.e2e.cluster.LocalOnly;
import io.aetherflow.e2e.cluster.Processes.Proc;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What an idle local cluster costs. Runs after a minute of steady state. */
@ClusterTest
@LocalOnly
@Order(45)
class FootprintTest {
  private static final Duration WINDOW = Duration.ofSeconds(60);

  /** Linux reports CPU time in this unit to every program (USER_HZ). */
  private static final double TICKS_PER_SECOND = 100;

  private static final double CORE_PERCENT_MAX = 25;
  private static final long PSS_BYTES_MAX = 3L << 30;

  private final Cluster cluster;

  FootprintTest(Cluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void idleCostsLittle() throws InterruptedException {
    cluster.awaitReady();
    Map<Long, Long> ticksBefore = new HashMap<>();
    cluster.local().processes().all().forEach(each -> ticksBefore.put(each.pid(), each.cpuTicks()));
    long startNs = System.nanoTime();
    TimeUnit.NANOSECONDS.sleep(WINDOW.toNanos());
    List<Proc> processes = cluster.local().processes().all();
    double seconds = (System.nanoTime() - startNs) / 1e9;

    StringBuilder table = new StringBuilder("  %%core   PSS MiB  process%n".formatted());
    double corePercent = 0;
    long pssBytes = 0;
    for (Proc each : processes) {
      long ticks = each.cpuTicks() - ticksBefore.getOrDefault(each.pid(), 0L);
      double percent = 100 * ticks / TICKS_PER_SECOND / seconds;
      long pss = each.pssBytes();
      corePercent += percent;
      pssBytes += pss;
      table.append(
          "%7.2f %9.1f  %d %s%n"
              .formatted(percent, pss / (double) (1 << 20), each.pid(), label(each)));
    }
    table.append(
        "%7.2f %9.1f  total of %d processes over %.0f s%n"
            .formatted(corePercent, pssBytes / (double) (1 << 20), processes.size(), seconds));
    System.out.println(table);

    assertThat(processes)
        .as("operator, 3 etcd, 6 services and the local node")
        .hasSizeGreaterThanOrEqualTo(11);
    assertThat(corePercent).as("percent of one core:%n%s", table).isLessThan(CORE_PERCENT_MAX);
    assertThat(pssBytes).as("bytes of memory:%n%s", table).isBetween(1L, PSS_BYTES_MAX);
  }

  private static String label(Proc process) {
    String command = process.command().strip();
    int main = command.lastIndexOf("io.aetherflow");
    String shown = process.isJvm() && main >= 0 ? command.substring(main) : command;
    return shown.substring(0, Math.min(60, shown.length()));
  }

  @Test
  void everyJvmHasABoundedHeap() {
    List<Proc> jvms = cluster.local().processes().all().stream().filter(Proc::isJvm).toList();
    assertThat(jvms).hasSizeGreaterThanOrEqualTo(8);
    assertThat(jvms)
        .allSatisfy(jvm ->
            assertThat(jvm.command().contains("-Xmx") || options(jvm).contains("-Xmx"))
                .as("-Xmx of %s", jvm)
                .isTrue());
  }

  private static String options(Proc jvm) {
    return jvm.environment()
        .lines()
        .filter(line -> line.startsWith("JAVA_TOOL_OPTIONS="))
        .findFirst()
        .orElse("");
  }
}
