package io.aetherflow.operator.reconciler;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The first reconciliation loads all classes, on a machine that may do other things. */
final class Patience implements BeforeAllCallback, AfterAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Awaitility.reset();
  }
}
