package io.aetherflow.runtime.health;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** Whether the pod should get traffic, and why not. Thread-safe. */
public final class Health {
  private final Map<String, Supplier<Optional<String>>> checks = new ConcurrentSkipListMap<>();

  /**
   * @param problem empty while all is well; must return quickly and never block
   */
  public void addReadinessCheck(String name, Supplier<Optional<String>> problem) {
    checks.put(name, problem);
  }

  /** Problems by check; empty when ready. */
  public Map<String, String> problems() {
    Map<String, String> problems = new TreeMap<>();
    checks.forEach((name, check) -> check.get().ifPresent(text -> problems.put(name, text)));
    return problems;
  }
}
