package io.aetherflow.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShutdownTest {
  @Test
  void partsEndInOrderAndAFailureKeepsBackNone() {
    List<String> ended = new ArrayList<>();
    new Shutdown()
        .then("first", () -> ended.add("first"))
        .then(
            "second",
            () -> {
              ended.add("second");
              throw new IOException("a disk that is full");
            })
        .then(
            "third",
            () -> {
              ended.add("third");
              throw new IllegalStateException("a bug");
            })
        .then("fourth", () -> ended.add("fourth"))
        .run();

    assertThat(ended).containsExactly("first", "second", "third", "fourth");
  }
}
