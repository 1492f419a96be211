/**
 * The network lab: two network namespaces joined by TUN devices and a user-space link, so that TCP
 * and UDP cross the same delay, loss, rate and queue without a kernel module. Linux, root.
 */
package io.aetherflow.bench.lab;
