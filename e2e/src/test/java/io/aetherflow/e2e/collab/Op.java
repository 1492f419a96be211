package io.aetherflow.e2e.collab;

/** An operation as the document's log holds it; tests make every {@code data} unique. */
public record Op(long seq, String clientId, long clientSeq, String data) {}
