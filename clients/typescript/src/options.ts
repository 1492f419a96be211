import type { LockToken, Operation } from './messages.js';
import type { Peer } from './presence.js';
import type { DocumentContent } from './state.js';

/** An operation, and whether this client wrote it. */
export interface LoggedOperation extends Operation {
  readonly own: boolean;
}

/** Operations that will not come: `from` and `to` are the first and the last. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * Called in order, never twice for one operation, and never with a hole that neither `state` nor
 * `gap` told.
 */
export interface DocumentEvents {
  operations?(operations: readonly LoggedOperation[]): void;
  /**
   * Operations up to `state.seq` are trimmed, and this is what they amount to: it replaces all that
   * was told before. Without this handler they are told as a gap.
   */
  state?(state: DocumentContent): void;
  /** What the document holds up to `to` must be had elsewhere, or done without. */
  gap?(gap: Gap): void;
  peers?(peers: ReadonlyMap<string, Peer>): void;
  /** All history up to the moment of attaching has been delivered; comes after each reconnect. */
  ready?(): void;
  /** The token does not allow to read the document, or no longer. */
  denied?(message: string): void;
}

export interface DocumentOptions extends DocumentEvents {
  /**
   * The first operation wanted: `'start'` (the default), `'now'`, or the last sequence number that
   * the application has stored itself, with the epoch it came with.
   */
  readonly from?: 'start' | 'now' | { readonly seq: number; readonly epoch: number };
}

/** What an operation may say beside its data; docs/websocket.md tells what each policy makes of it. */
export interface SubmitOptions {
  /** The last operation that the writer has seen. */
  readonly baseSeq?: number;
  /** The conflict that this resolves; without data it is dropped. */
  readonly resolvesSeq?: number;
  /** Locks that must be held. */
  readonly locks?: readonly LockToken[];
}
