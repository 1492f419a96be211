/**
 * What a cluster should look like, as pure functions of its resource: no client, no clock, no
 * randomness.
 */
package io.aetherflow.operator.model;
