/**
 * Many connections on one socket, without the socket: who a datagram is for, and who may come in.
 */
package io.aetherflow.quantum.endpoint;
