package io.aetherflow.local.store;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * One committed change.
 *
 * @param object the state after it; for DELETED the last state, with the deletion's revision
 * @param previous the state before it, or null; read-only like {@code object}
 */
public record StoreEvent(
    long revision,
    String resource,
    Objects.Change.Kind type,
    ObjectNode object,
    ObjectNode previous) {}
