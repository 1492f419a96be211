/** What the console shows: which pods there are, what tuning they run, how they do. */
package io.aetherflow.gateway.cluster;
