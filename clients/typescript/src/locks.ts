import type { Link } from './document.js';
import { RefusedError, UnknownOutcomeError } from './errors.js';
import type { ClientMessage, ErrorMessage, LockAnswer, Locked, LockToken } from './messages.js';

/** A lock as its holder has it: it lives so long after it was taken or renewed. */
export interface HeldLock extends LockToken {
  readonly ttlMillis: number;
}

interface Asked {
  readonly done: (answer: LockAnswer) => void;
  readonly failed: (error: Error) => void;
}

/**
 * The locks of one document; made by {@link SharedDocument}. Each call rejects with RefusedError
 * when the gateway refuses it or the document is not attached, and with UnknownOutcomeError when
 * the connection is lost before the answer. A call may be repeated: who holds a lock is given it
 * again. Nothing is renewed by itself.
 */
export class DocumentLocks {
  private readonly asked = new Map<number, Asked>();

  /** @internal */
  constructor(
    private readonly document: string,
    private readonly link: Link,
    private readonly isAttached: () => boolean,
  ) {}

  /**
   * @param ttlMillis 1,000 to 300,000; 30,000 when left out
   */
  take(lock: string, ttlMillis?: number): Promise<HeldLock> {
    const ttl = ttlMillis === undefined ? {} : { ttl_ms: ttlMillis };
    return this.held((id) => ({ t: 'lock', id, doc: this.document, lock, ...ttl }));
  }

  renew({ lock, token }: LockToken): Promise<HeldLock> {
    return this.held((id) => ({ t: 'renew', id, doc: this.document, lock, token }));
  }

  async give({ lock, token }: LockToken): Promise<void> {
    await this.ask((id) => ({ t: 'unlock', id, doc: this.document, lock, token }));
  }

  /** @internal */
  onAnswer(answer: LockAnswer): void {
    this.remove(answer.id)?.done(answer);
  }

  /** @internal */
  onError(error: ErrorMessage): boolean {
    const asked = this.remove(error.id);
    asked?.failed(new RefusedError(error.code));
    return asked !== undefined;
  }

  /** @internal */
  onDisconnect(): void {
    for (const id of [...this.asked.keys()]) {
      this.remove(id)?.failed(new UnknownOutcomeError());
    }
  }

  private async held(message: (id: number) => ClientMessage): Promise<HeldLock> {
    const { lock, token, ttl_ms } = (await this.ask(message)) as Locked;
    return { lock, token, ttlMillis: ttl_ms };
  }

  private ask(message: (id: number) => ClientMessage): Promise<LockAnswer> {
    if (!this.isAttached()) {
      return Promise.reject(new RefusedError('NOT_ATTACHED'));
    }
    const id = this.link.nextId();
    return new Promise((done, failed) => {
      this.asked.set(id, { done, failed });
      this.link.send(message(id));
    });
  }

  private remove(id = -1): Asked | undefined {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    return asked;
  }
}
