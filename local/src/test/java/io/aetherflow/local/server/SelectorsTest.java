package io.aetherflow.local.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aetherflow.local.schema.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SelectorsTest {
  private static ObjectNode object() {
    ObjectNode object = Json.object();
    ObjectNode metadata = object.putObject("metadata").put("name", "n");
    metadata.putObject("labels").put("app", "web").put("tier", "front");
    return object;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app=web | true",
        "app==web,tier=front | true",
        "app=web,tier=back | false",
        "app!=web | false",
        "other!=x | true",
        "app in (web, db),tier | true",
        "app notin (web) | false",
        "other notin (web) | true",
        "!other | true",
        "!app | false",
      })
  void labels(String selector, boolean expected) {
    assertThat(Selectors.of(selector, "").test(object())).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"metadata.name=n,true", "metadata.name=m,false", "metadata.name!=m,true"})
  void fields(String selector, boolean expected) {
    assertThat(Selectors.of("", selector).test(object())).isEqualTo(expected);
  }
}
