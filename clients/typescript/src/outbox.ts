import { RefusedError, UnknownOutcomeError } from './errors.js';
import type { Operation } from './messages.js';

/** Below the gateway's own bounds, so that it refuses nothing for lack of room. */
const WINDOW = 64;
/** Bounds what an application can pile up while it is offline. */
const QUEUED_MAX = 10_000;

interface Draft {
  readonly clientSeq: number;
  readonly text: string;
  readonly stored: (seq: number) => void;
  readonly failed: (error: Error) => void;
  /** The client ids under which it went out; the log knows it by one of them. */
  readonly sentUnder: Set<string>;
  inFlight: boolean;
}

/** Operations without an answer, in the order of their numbers. */
export class Outbox {
  private readonly drafts = new Map<number, Draft>();
  private inFlight = 0;

  /**
   * @param nextClientSeq never gives a number twice for a document, not even after it was closed
   */
  constructor(private readonly nextClientSeq: () => number) {}

  get size(): number {
    return this.drafts.size;
  }

  /**
   * @param text makes the message from the number that the operation gets
   * @returns its place in the log
   */
  add(text: (clientSeq: number) => string): Promise<number> {
    if (this.drafts.size >= QUEUED_MAX) {
      return Promise.reject(new RefusedError('QUEUE_FULL'));
    }
    const clientSeq = this.nextClientSeq();
    return new Promise((stored, failed) => {
      this.drafts.set(clientSeq, {
        clientSeq,
        text: text(clientSeq),
        stored,
        failed,
        sentUnder: new Set(),
        inFlight: false,
      });
    });
  }

  /** What to send next; null when there is nothing, or enough is under way. */
  next(clientId: string): string | null {
    if (this.inFlight >= WINDOW) {
      return null;
    }
    for (const draft of this.drafts.values()) {
      if (!draft.inFlight) {
        draft.inFlight = true;
        draft.sentUnder.add(clientId);
        this.inFlight++;
        return draft.text;
      }
    }
    return null;
  }

  stored(clientSeq: number, seq: number): void {
    this.remove(clientSeq)?.stored(seq);
  }

  refused(clientSeq: number, reason: string): void {
    this.remove(clientSeq)?.failed(new RefusedError(reason));
  }

  /** It goes out again with {@link next}. */
  retry(clientSeq: number): void {
    const draft = this.drafts.get(clientSeq);
    if (draft?.inFlight) {
      draft.inFlight = false;
      this.inFlight--;
    }
  }

  /** The log says what an acknowledgement that got lost said. */
  seen(operation: Operation): void {
    if (this.drafts.get(operation.client_seq)?.sentUnder.has(operation.client_id)) {
      this.stored(operation.client_seq, operation.seq);
    }
  }

  disconnected(): void {
    this.inFlight = 0;
    for (const draft of this.drafts.values()) {
      draft.inFlight = false;
    }
  }

  /** Whether some went out under an identity that the gateway no longer compares with. */
  hasUnsure(clientId: string): boolean {
    return this.unsure(clientId).length > 0;
  }

  giveUpUnsure(clientId: string): void {
    for (const draft of this.unsure(clientId)) {
      this.remove(draft.clientSeq)?.failed(new UnknownOutcomeError());
    }
  }

  /** The replay has shown that what is still here was never stored. */
  forgetOldIdentities(): void {
    for (const draft of this.drafts.values()) {
      draft.sentUnder.clear();
    }
  }

  close(): void {
    for (const draft of [...this.drafts.values()]) {
      const error = draft.sentUnder.size > 0 ? new UnknownOutcomeError() : new RefusedError('CLOSED');
      this.remove(draft.clientSeq)?.failed(error);
    }
  }

  private unsure(clientId: string): Draft[] {
    const isOld = (each: Draft) => [...each.sentUnder].some((id) => id !== clientId);
    return [...this.drafts.values()].filter(isOld);
  }

  private remove(clientSeq: number): Draft | undefined {
    const draft = this.drafts.get(clientSeq);
    if (draft?.inFlight) {
      this.inFlight--;
    }
    this.drafts.delete(clientSeq);
    return draft;
  }
}
