package io.aetherflow.quantum.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/**
 * Lets a socket of Netty's epoll read by itself when datagrams wait. Netty has no such hook, but it
 * asks its allocator for a buffer first; so that is where the reading is done. What Netty reads
 * afterwards is the little that came since. For the socket's event loop alone.
 */
final class OwnReads extends DefaultMaxMessagesRecvByteBufAllocator {
  private final Reader reader;
  private final int bufferBytes;

  /** Reads what waits, up to the bound of one turn; must not close the socket. */
  interface Reader {
    /** False if more may wait. */
    boolean readSome();
  }

  /**
   * @param bufferBytes for what Netty reads itself
   */
  OwnReads(Reader reader, int bufferBytes, int datagramsPerTurn) {
    super(datagramsPerTurn);
    this.reader = reader;
    this.bufferBytes = bufferBytes;
  }

  /**
   * Thrown into Netty's loop to end its turn, and told to the pipeline by it. The rest is read in
   * the next turn, since the system goes on telling that it waits.
   */
  static final class TurnOver extends RuntimeException {
    static final TurnOver INSTANCE = new TurnOver();

    private TurnOver() {
      super("there is more to read in the next turn", null, false, false);
    }
  }

  @Override
  @SuppressWarnings("deprecation") // the interface says so of implementing it, for Netty's users
  public RecvByteBufAllocator.Handle newHandle() {
    return new MaxMessageHandle() {
      @Override
      public int guess() {
        return bufferBytes;
      }

      @Override
      public ByteBuf allocate(ByteBufAllocator alloc) {
        if (!reader.readSome()) {
          throw TurnOver.INSTANCE;
        }
        return super.allocate(alloc);
      }
    };
  }
}
