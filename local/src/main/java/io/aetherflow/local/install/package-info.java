/** Brings the manifests of {@code config/} into the API, as {@code kubectl apply -k} does. */
package io.aetherflow.local.install;
