/**
 * Quantum on UDP sockets, as Netty channels. Handlers only translate: the protocol is in {@code
 * dataplane/quantum}. One event loop per socket, and with it per connection; no locks.
 *
 * <p>On an epoll event loop a socket sends many datagrams per system call (UDP_SEGMENT) and
 * receives merged ones (UDP_GRO); on an NIO event loop each is one call.
 */
package io.aetherflow.quantum.netty;
