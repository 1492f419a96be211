package io.aetherflow.local.node;

/** The credentials of a pod's service account. */
public record Account(String token, String caPem) {}
