package io.aetherflow.operator.reconciler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MadeSecretsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String POST = "POST /api/v1/namespaces/default/secrets";

  private TestOperator operator;

  @BeforeEach
  void start() throws IOException {
    operator = new TestOperator();
  }

  @AfterEach
  void stop() {
    operator.close();
  }

  /** It has no label of ours, so the operator's cache never holds it. */
  @Test
  void aSecretOfSomebodyElseIsTakenAndNeverAskedToBeMade() {
    operator
        .client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("demo-jwt-secret")
                .withNamespace("default")
                .endMetadata()
                .withData(Map.of("secret", "Z2l2ZW4="))
                .build())
        .create();
    operator.create(null);
    await().atMost(PATIENCE).until(() -> operator.condition("Ready").isPresent());
    for (int look = 0; look < 3; look++) {
      operator.awaitRepair();
    }
    assertThat(operator.api.count(POST)).as("the one of this test").isEqualTo(1);
    assertThat(token().getData()).containsEntry("secret", "Z2l2ZW4=");

    operator.client.resource(token()).delete();
    operator.awaitRepair();
    await().atMost(PATIENCE).until(() -> token() != null);
    assertThat(token().getData().get("secret")).isNotEqualTo("Z2l2ZW4=");
  }

  private Secret token() {
    return operator.client.secrets().inNamespace("default").withName("demo-jwt-secret").get();
  }
}
