package io.aetherflow.bench.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MarksTest {
  @Test
  void everyOperationOfAMessageIsFound() {
    String message =
        "{\"t\":\"ops\",\"ops\":[{\"seq\":1,\"data\":\""
            + Marks.data(7, 20)
            + "\"},{\"seq\":2,\"data\":\""
            + Marks.data(123456, 20)
            + "\"},{\"seq\":3,\"data\":\"other\"}]}";
    List<Integer> found = new ArrayList<>();
    Marks.forEach(message, found::add);
    assertThat(found).containsExactly(7, 123456);
    assertThat(Marks.data(7, 20)).hasSize(20);
  }

  @Test
  void theHistogramsLastLineCounts() {
    assertThat(
            JvmFigures.totalBytes(
                List.of(
                    " num     #instances         #bytes  class name (module)",
                    "   1:         10            640  [B (java.base)",
                    "Total            10            640")))
        .isEqualTo(640);
  }
}
