/**
 * The one node: runs pods as processes, each on a loopback address of its own and in a mount
 * namespace of its own, and tells the API what became of them. All state belongs to one thread, the
 * node's loop; processes and probes report to it.
 */
package io.aetherflow.local.node;
