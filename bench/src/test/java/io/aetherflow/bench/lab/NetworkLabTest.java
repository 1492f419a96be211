package io.aetherflow.bench.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The real thing: namespaces, TUN devices, the system's ping. */
@Tag("lab")
class NetworkLabTest {
  private static final Pattern AVERAGE_MS = Pattern.compile("= [0-9.]+/([0-9.]+)/");

  @BeforeEach
  void needsRoot() {
    assumeTrue(NetworkLab.isPossible(), "needs root");
  }

  @Test
  void pingTakesTheRoundTrip() throws Exception {
    LinkShape shape = new LinkShape(25_000_000, 0, 0, 1, 100_000_000, 625_000);
    try (NetworkLab lab = NetworkLab.open(shape, 1)) {
      Matcher matcher = AVERAGE_MS.matcher(ping(lab, 20, "0.05"));
      assertThat(matcher.find()).isTrue();
      assertThat(Double.parseDouble(matcher.group(1))).isCloseTo(50, within(2.0));
      assertThat(lab.clientToServer().lostPackets()).isZero();
    }
  }

  @Test
  void linkLosesWhatItShould() throws Exception {
    LinkShape shape = new LinkShape(1_000_000, 0, 0.2, 1, 0, 0);
    try (NetworkLab lab = NetworkLab.open(shape, 2)) {
      ping(lab, 1000, "0.002");
      assertThat(lab.clientToServer().lossShare()).isCloseTo(0.2, within(0.06));
      assertThat(lab.serverToClient().lossShare()).isCloseTo(0.2, within(0.06));
    }
  }

  @Test
  void closingLeavesNothing() throws Exception {
    List<String> namespace;
    try (NetworkLab lab = NetworkLab.open(new LinkShape(0, 0, 0, 1, 0, 0), 3)) {
      namespace = lab.onClient();
      assertThat(Commands.run("ip", "netns", "list")).contains(namespace.getLast());
    }
    assertThat(Commands.run("ip", "netns", "list")).doesNotContain(namespace.getLast());
    assertThat(Commands.run("ip", "link")).doesNotContain("aft" + ProcessHandle.current().pid());
  }

  private static String ping(NetworkLab lab, int count, String interval) {
    List<String> command = new ArrayList<>(lab.onClient());
    command.addAll(
        List.of("ping", "-q", "-c", "" + count, "-i", interval, NetworkLab.SERVER_ADDRESS));
    return Commands.attempt(command.toArray(String[]::new)).output();
  }
}
