/**
 * The user's side of {@code ./aetherflow}: clients of the local Kubernetes API that work without
 * kubectl. Nothing here runs inside the server.
 */
package io.aetherflow.local.cli;
