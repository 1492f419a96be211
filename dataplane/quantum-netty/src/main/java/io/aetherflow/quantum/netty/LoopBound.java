package io.aetherflow.quantum.netty;

import io.netty.channel.EventLoop;

/** A channel that can only live on the event loop of its socket. */
interface LoopBound {
  /** That loop, or null before there is a socket. */
  EventLoop home();
}
