import type { Environment } from './environment.js';
import type { Json } from './messages.js';

/** Somebody else at the document, or another window of the same user. */
export interface Peer {
  readonly clientId: string;
  readonly user: string;
  readonly data: Json;
}

/** More often helps nobody's eye. */
const SEND_EVERY_MILLIS = 33;
/** Presence may be lost and is not told to those who come later, so it is repeated. */
const REPEAT_EVERY_MILLIS = 8_000;
/** Three repetitions missed. */
const EXPIRE_MILLIS = 25_000;
/** A newcomer is answered by everybody; spread, lest all answer at once. */
const ANSWER_WITHIN_MILLIS = 300;
/** Bounds what strangers can pin in this page. */
const PEERS_MAX = 1_000;

/** Own presence on one document, and that of others. Null data says farewell. */
export class Presence {
  private readonly known = new Map<string, Peer & { heardAt: number }>();
  private mine: Json = null;
  private sentAt = -Infinity;
  private cancelSend: (() => void) | null = null;
  private cancelRepeat: () => void = () => {};
  private attached = false;
  private announced = false;

  /**
   * @param send false when the gateway's rate does not allow it now
   * @param changed called when a peer came, changed or left
   */
  constructor(
    private readonly env: Environment,
    private readonly send: (data: Json) => boolean,
    private readonly changed: () => void,
  ) {}

  get peers(): ReadonlyMap<string, Peer> {
    return this.known;
  }

  set(data: Json): void {
    this.mine = data;
    if (data === null) {
      this.farewell();
      return;
    }
    this.schedule(SEND_EVERY_MILLIS - (this.env.now() - this.sentAt));
  }

  onAttached(): void {
    this.attached = true;
    this.cancelRepeat();
    this.schedule(0);
    this.repeat();
  }

  onDisconnect(): void {
    this.attached = false;
    this.announced = false;
    this.cancelSend?.();
    this.cancelSend = null;
    this.cancelRepeat();
  }

  onPresence(clientId: string, user: string, data: Json): void {
    if (data === null) {
      if (this.known.delete(clientId)) {
        this.changed();
      }
      return;
    }
    const isNew = !this.known.has(clientId);
    if (isNew && this.known.size >= PEERS_MAX) {
      return;
    }
    this.known.set(clientId, { clientId, user, data, heardAt: this.env.now() });
    if (isNew) {
      this.schedule(this.env.random() * ANSWER_WITHIN_MILLIS);
    }
    this.changed();
  }

  /** Says farewell, so that others need not wait for the expiry. */
  close(): void {
    this.farewell();
    this.onDisconnect();
  }

  /** At once: a page that says it may be about to end. */
  private farewell(): void {
    this.cancelSend?.();
    this.cancelSend = null;
    if (this.attached && this.announced) {
      this.announced = false;
      this.send(null);
    }
  }

  private repeat(): void {
    this.cancelRepeat = this.env.after(REPEAT_EVERY_MILLIS, () => {
      this.schedule(0);
      this.expire();
      this.repeat();
    });
  }

  private expire(): void {
    const before = this.known.size;
    for (const [id, peer] of this.known) {
      if (this.env.now() - peer.heardAt > EXPIRE_MILLIS) {
        this.known.delete(id);
      }
    }
    if (this.known.size !== before) {
      this.changed();
    }
  }

  private schedule(millis: number): void {
    if (!this.attached || this.cancelSend !== null) {
      return;
    }
    if (millis <= 0) {
      this.sendNow();
      return;
    }
    this.cancelSend = this.env.after(millis, () => {
      this.cancelSend = null;
      this.sendNow();
    });
  }

  private sendNow(): void {
    this.sentAt = this.env.now();
    if (this.mine === null) {
      return;
    }
    if (this.send(this.mine)) {
      this.announced = true;
    } else {
      this.schedule(SEND_EVERY_MILLIS);
    }
  }
}
