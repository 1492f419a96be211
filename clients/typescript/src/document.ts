import type { Environment } from './environment.js';
import { RefusedError } from './errors.js';
import { Later } from './later.js';
import { DocumentLocks } from './locks.js';
import type {
  ClientMessage,
  DocumentMessage,
  ErrorMessage,
  Json,
  Operation,
  StateMessage,
} from './messages.js';
import type { DocumentOptions, LoggedOperation, SubmitOptions } from './options.js';
import { Outbox } from './outbox.js';
import { Presence, type Peer } from './presence.js';
import { StateParts } from './state.js';

/** What a document needs of its client. */
export interface Link {
  readonly env: Environment;
  readonly clientId: string;
  readonly frameMax: number;
  nextId(): number;
  /** The number of the document's next operation. */
  nextClientSeq(document: string): number;
  isOwn(clientId: string): boolean;
  /** False when the rate does not allow it now. */
  take(): boolean;
  send(message: ClientMessage): void;
  sendText(text: string): void;
  closed(document: SharedDocument): void;
}

const RATE_WAIT_MILLIS = 50;

/** One document at a gateway; made by {@link AetherFlowClient.open}. */
export class SharedDocument {
  readonly locks: DocumentLocks;
  private readonly outbox: Outbox;
  private readonly presence: Presence;
  private phase: 'away' | 'attaching' | 'attached' | 'denied' | 'closed' = 'away';
  private last = 0;
  private epoch = 0;
  private begun = false;
  private noHistory = false;
  private attachId = 0;
  /** Up to here the replay must come before anything is sent. */
  private holdUntil = 0;
  /** The end of the replay that `ready` waits for; -1 when it was told. */
  private readyAt = -1;
  private readonly later: Later;
  private readonly stateParts = new StateParts();

  constructor(
    readonly id: string,
    private readonly options: DocumentOptions,
    private readonly link: Link,
  ) {
    if (typeof options.from === 'object') {
      this.last = options.from.seq;
      this.epoch = options.from.epoch;
      this.begun = true;
    }
    this.later = new Later(link.env);
    this.outbox = new Outbox(() => link.nextClientSeq(id));
    this.locks = new DocumentLocks(id, link, () => this.phase === 'attached');
    this.presence = new Presence(
      link.env,
      (data) => this.sendPresence(data),
      () => this.options.peers?.(this.peers),
    );
  }

  /** The last operation delivered. */
  get seq(): number {
    return this.last;
  }

  /** Others at the document by client id. */
  get peers(): ReadonlyMap<string, Peer> {
    return this.presence.peers;
  }

  /** Operations submitted and not answered yet. */
  get unanswered(): number {
    return this.outbox.size;
  }

  /**
   * Appends an operation; works offline too. Resolves with its sequence number when it is durable.
   * Rejects with RefusedError when it is not stored, with UnknownOutcomeError when nobody can tell.
   */
  submit(data: Json | undefined, options: SubmitOptions = {}): Promise<number> {
    if (this.phase === 'closed') {
      return Promise.reject(new RefusedError('CLOSED'));
    }
    const { baseSeq: base_seq, resolvesSeq: resolves_seq } = options;
    const locks = options.locks?.map(({ lock, token }) => ({ lock, token }));
    const body = JSON.stringify({ t: 'op', doc: this.id, base_seq, resolves_seq, locks, data });
    if (body.length + 50 > this.link.frameMax) {
      return Promise.reject(new RefusedError('TOO_LARGE'));
    }
    const head = body.slice(0, -1);
    const stored = this.outbox.add((n) => `${head},"client_seq":${n}}`);
    this.pump();
    return stored;
  }

  /** Tells the others at the document; null takes it back. May be lost, and is never stored. */
  setPresence(data: Json): void {
    this.presence.set(data);
  }

  /**
   * Tells everything again from the first operation on, or as `from: 'now'` says, as to somebody
   * new: what to do about a gap when the application keeps no history itself. Operations that wait
   * for their answer go on waiting.
   */
  reload(): void {
    this.last = 0;
    this.epoch = 0;
    this.begun = false;
    if (this.phase === 'attached' || this.phase === 'attaching') {
      this.attach();
    }
  }

  close(): void {
    if (this.phase === 'closed') {
      return;
    }
    this.presence.close();
    if (this.phase === 'attached' || this.phase === 'attaching') {
      this.link.send({ t: 'detach', id: this.link.nextId(), doc: this.id });
    }
    this.phase = 'closed';
    this.later.cancel();
    this.outbox.close();
    this.locks.onDisconnect();
    this.link.closed(this);
  }

  /** @internal A socket is open, or its token may do more than before. */
  onOpen(): void {
    if (this.phase === 'away' || this.phase === 'denied') {
      this.attach();
    }
  }

  /** @internal */
  onDisconnect(): void {
    if (this.phase !== 'closed') {
      this.phase = 'away';
      this.later.cancel();
      this.outbox.disconnected();
      this.locks.onDisconnect();
      this.presence.onDisconnect();
    }
  }

  /** @internal */
  onError(error: ErrorMessage): boolean {
    if (this.locks.onError(error)) {
      return true;
    }
    if (this.phase !== 'attaching' || error.id !== this.attachId) {
      return false;
    }
    if (error.code === 'DENIED' && !this.noHistory) {
      this.noHistory = true;
      this.attach();
    } else if (error.retryable) {
      this.later.retry(() => this.attach());
    } else {
      this.deny(error.message);
    }
    return true;
  }

  /** @internal */
  onMessage(message: DocumentMessage): void {
    if (this.phase === 'closed') {
      return;
    }
    switch (message.t) {
      case 'attached':
        if (message.id === this.attachId) {
          this.onAttached(message.epoch, message.head, message.recovered);
        }
        return;
      case 'ops':
        return this.onOperations(message.ops, message.epoch);
      case 'ack':
        this.later.succeeded();
        this.outbox.stored(message.client_seq, message.seq);
        return this.pump();
      case 'nack':
        return this.onNack(message.client_seq, message.reason, message.retryable);
      case 'gap':
        return this.onGap(message.head);
      case 'state':
        return this.onState(message);
      case 'locked':
      case 'unlocked':
        return this.locks.onAnswer(message);
      case 'presence':
        return this.presence.onPresence(message.client_id, message.user, message.data);
      case 'detached':
        // One with an id answers an earlier opening's `detach`.
        if (message.id === undefined) {
          this.deny('the token no longer allows to read the document');
        }
        return;
    }
  }

  private get fromSeq(): number {
    return this.noHistory || (!this.begun && this.options.from === 'now') ? 0 : this.last + 1;
  }

  private attach(): void {
    this.later.cancel();
    this.phase = 'attaching';
    this.attachId = this.link.nextId();
    const from = this.fromSeq;
    this.link.send({
      t: 'attach',
      id: this.attachId,
      doc: this.id,
      ...(from > 0 ? { from_seq: from, epoch: this.epoch } : {}),
    });
  }

  private onAttached(epoch: number, head: number, recovered: boolean): void {
    const replayed = this.fromSeq > 0;
    const missed = this.begun || this.options.from !== 'now';
    this.phase = 'attached';
    this.epoch = epoch;
    this.later.succeeded();
    this.presence.onAttached();
    this.stateParts.clear();
    this.readyAt = head;
    if (!replayed) {
      this.begun = true;
      this.skipTo(head, missed);
      this.outbox.giveUpUnsure(this.link.clientId);
    } else if (recovered) {
      this.begun = true;
      this.holdUntil = this.outbox.hasUnsure(this.link.clientId) ? head : 0;
    } else {
      // The message `state` or `gap` follows and tells from where the flow goes on.
      this.holdUntil = Infinity;
      return;
    }
    this.progress();
  }

  private onGap(head: number): void {
    if (this.phase !== 'attached') {
      return;
    }
    this.begun = true;
    this.holdUntil = 0;
    this.readyAt = head;
    this.outbox.giveUpUnsure(this.link.clientId);
    this.skipTo(head, true);
    this.progress();
  }

  private onState(message: StateMessage): void {
    if (this.phase !== 'attached') {
      return;
    }
    if (!this.stateParts.add(message)) {
      this.attach();
      return;
    }
    const state = this.stateParts.take();
    if (state === null) {
      return;
    }
    this.epoch = message.epoch;
    this.begun = true;
    this.holdUntil = 0;
    this.outbox.giveUpUnsure(this.link.clientId);
    if (this.options.state === undefined) {
      this.skipTo(state.seq, true);
    } else {
      this.last = state.seq;
      this.options.state(state);
    }
    this.progress();
  }

  private skipTo(head: number, tell: boolean): void {
    // A head before ours: the store was restored from a backup, and nothing of ours need be in it.
    const from = head < this.last ? 1 : this.last + 1;
    this.last = head;
    if (tell && head >= from) {
      this.options.gap?.({ from, to: head });
    }
  }

  private onOperations(operations: readonly Operation[], epoch: number): void {
    if (this.phase !== 'attached') {
      return;
    }
    this.epoch = epoch;
    const fresh: LoggedOperation[] = [];
    for (const each of operations) {
      if (each.seq > this.last + 1) {
        // The gateway promises this never happens; a hole must not become the application's.
        this.attach();
        break;
      }
      if (each.seq === this.last + 1) {
        this.last = each.seq;
        this.outbox.seen(each);
        fresh.push({ ...each, own: this.link.isOwn(each.client_id) });
      }
    }
    if (fresh.length > 0) {
      this.options.operations?.(fresh);
    }
    this.progress();
  }

  private progress(): void {
    if (this.phase !== 'attached') {
      return;
    }
    if (this.readyAt >= 0 && this.last >= this.readyAt) {
      this.readyAt = -1;
      this.options.ready?.();
    }
    this.pump();
  }

  private pump(): void {
    if (this.phase !== 'attached' || this.last < this.holdUntil || this.later.waits) {
      return;
    }
    if (this.holdUntil > 0) {
      this.holdUntil = 0;
      this.outbox.forgetOldIdentities();
    }
    let text = this.outbox.next(this.link.clientId);
    while (text !== null) {
      if (!this.link.take()) {
        // Sent all the same: the pace leaves a fifth of the rate free.
        this.link.sendText(text);
        this.later.after(RATE_WAIT_MILLIS, () => this.pump());
        return;
      }
      this.link.sendText(text);
      text = this.outbox.next(this.link.clientId);
    }
  }

  private onNack(clientSeq: number, reason: string, retryable: boolean): void {
    if (reason === 'NOT_ATTACHED') {
      this.outbox.retry(clientSeq);
      if (this.phase === 'attached') {
        this.attach();
      }
    } else if (retryable) {
      this.outbox.retry(clientSeq);
      this.later.retry(() => this.pump());
    } else {
      this.outbox.refused(clientSeq, reason);
      this.pump();
    }
  }

  private deny(message: string): void {
    this.phase = 'denied';
    this.later.cancel();
    this.outbox.disconnected();
    this.presence.onDisconnect();
    this.options.denied?.(message);
  }

  private sendPresence(data: Json): boolean {
    if (!this.link.take()) {
      return false;
    }
    this.link.send({ t: 'presence', doc: this.id, data });
    return true;
  }
}
