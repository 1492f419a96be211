package io.aetherflow.statesync.document;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The clients that wrote to a document: how far each came, in 24 bytes a slot. None is ever
 * forgotten, for a forgotten one could have an operation stored twice.
 */
final class Clients {
  /** Bounds what strangers' client ids can pin in one document, to 1.5 MiB. */
  static final int CLIENTS_MAX = 32_768;

  private static final int SLOTS_FIRST = 8;

  /** Marks a free slot; no id hashes to it. */
  private static final long FREE = 0;

  private long[] hashes = new long[SLOTS_FIRST];
  private long[] last = new long[SLOTS_FIRST];
  private long[] forgotten = new long[SLOTS_FIRST];
  private int size;

  /** 64 bits that a client cannot choose to equal another's. */
  static long hash(String clientId) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(clientId.getBytes(StandardCharsets.UTF_8));
      long hash = ByteBuffer.wrap(digest).getLong();
      return hash == FREE ? 1 : hash;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  int size() {
    return size;
  }

  boolean full() {
    return size >= CLIENTS_MAX;
  }

  /** The client's slot, or -1. */
  int find(long hash) {
    int slot = slot(hash);
    return hashes[slot] == hash ? slot : -1;
  }

  int findOrAdd(long hash) {
    if (find(hash) < 0) {
      if ((size + 1) * 2 > hashes.length) {
        grow();
      }
      hashes[slot(hash)] = hash;
      size++;
    }
    return slot(hash);
  }

  /** The highest number the client wrote. */
  long last(int slot) {
    return last[slot];
  }

  /** The highest of the client's numbers whose place is no longer known. */
  long forgotten(int slot) {
    return forgotten[slot];
  }

  void wrote(int slot, long clientSeq) {
    last[slot] = Math.max(last[slot], clientSeq);
  }

  void forgot(int slot, long clientSeq) {
    forgotten[slot] = Math.max(forgotten[slot], clientSeq);
  }

  /** Each client, and the highest of its numbers whose place is no longer known. */
  void forEach(RecentPlaces.Forgotten each) {
    for (int slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] != FREE) {
        each.accept(hashes[slot], forgotten[slot]);
      }
    }
  }

  private int slot(long hash) {
    int mask = hashes.length - 1;
    int slot = (int) (hash & mask);
    while (hashes[slot] != FREE && hashes[slot] != hash) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldHashes = hashes;
    long[] oldLast = last;
    long[] oldForgotten = forgotten;
    hashes = new long[oldHashes.length * 2];
    last = new long[hashes.length];
    forgotten = new long[hashes.length];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != FREE) {
        int slot = slot(oldHashes[i]);
        hashes[slot] = oldHashes[i];
        last[slot] = oldLast[i];
        forgotten[slot] = oldForgotten[i];
      }
    }
  }
}
