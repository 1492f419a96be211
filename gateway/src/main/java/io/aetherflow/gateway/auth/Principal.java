package io.aetherflow.gateway.auth;

import java.time.Instant;

/**
 * Who a token speaks for.
 *
 * @param user the token's subject
 * @param expiresAt the token's exp claim
 * @param grants what the user may do with which document
 * @param console whether the user may see how the cluster does
 */
public record Principal(String user, Instant expiresAt, Grants grants, boolean console) {}
