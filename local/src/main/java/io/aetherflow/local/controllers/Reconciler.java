package io.aetherflow.local.controllers;

/** Brings one object closer to what it asks for. Called on the worker thread only. */
@FunctionalInterface
interface Reconciler {
  /**
   * Looks at the object as it is now, which may be gone; {@code namespace} is empty for
   * cluster-scoped kinds. What it throws is logged, and the object tried again later.
   */
  void reconcile(String namespace, String name);
}
