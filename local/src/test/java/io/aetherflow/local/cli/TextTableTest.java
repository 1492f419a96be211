package io.aetherflow.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class TextTableTest {

  @Test
  void alignsColumnsAndLeavesOutWideOnes() throws IOException {
    String table =
        "{columnDefinitions: [{name: Name}, {name: Ip, priority: 1}, {name: Ready}],"
            + " rows: [{cells: [demo-etcd-0, 127.77.0.1, 1/1]}, {cells: [a, 127.77.0.2, 0/1]}]}";
    assertThat(TextTable.lines(new YAMLMapper().readTree(table)))
        .containsExactly("NAME          READY", "demo-etcd-0   1/1", "a             0/1");
  }
}
