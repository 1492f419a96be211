/**
 * Quantum on UDP sockets, as Netty channels. Handlers only translate: the protocol is in {@code
 * dataplane/quantum}. One event loop per socket, and with it per connection; no locks.
 *
 * <p>The sockets are NIO's. Netty publishes its native epoll transport up to 4.2.18 only, while the
 * project needs a newer Netty, so there is no segmentation offload yet.
 */
package io.aetherflow.quantum.netty;
