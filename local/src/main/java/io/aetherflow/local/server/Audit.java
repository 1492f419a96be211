package io.aetherflow.local.server;

import java.io.IOException;

/**
 * Told of every request to create, change or delete an object when it has been answered, also of
 * those that changed nothing or were refused: what an API server's audit log holds at level
 * Metadata. Called on the server's threads, so it must not block.
 */
@FunctionalInterface
public interface Audit extends AutoCloseable {
  Audit NONE = write -> {};

  void onWrite(Write write);

  /** Nobody is told of anything after this. */
  @Override
  default void close() throws IOException {}

  /**
   * One request.
   *
   * @param user e.g. {@code system:serviceaccount:default:robot}
   * @param verb as RBAC names it, e.g. {@code patch}
   * @param resource plural, behind a slash the subresource if there is one
   * @param namespace empty for cluster-scoped kinds
   * @param name empty for a collection, and for a creation
   * @param code HTTP status of the answer
   */
  record Write(
      String user, String verb, String resource, String namespace, String name, int code) {}
}
