import { SharedDocument, type Link } from './document.js';
import { ENVIRONMENT, type Environment, type Socket, type SocketConstructor } from './environment.js';
import {
  parse,
  type ClientMessage,
  type ErrorMessage,
  type Resume,
  type ServerMessage,
  type Welcome,
} from './messages.js';
import type { DocumentOptions } from './options.js';
import { Pace } from './pace.js';
import { afterClose } from './reconnect.js';

/** A JWT, asked for at each connection and before the present one expires. */
export type TokenSource = () => string | Promise<string>;

export type ConnectionState =
  /** `retryInMillis` is 0 while an attempt is under way. */
  | { readonly kind: 'connecting'; readonly retryInMillis: number }
  | { readonly kind: 'open'; readonly user: string; readonly clientId: string; readonly resumed: boolean }
  /** Refused for good; {@link AetherFlowClient.connect} tries again, with a new session. */
  | { readonly kind: 'stopped'; readonly reason: string };

export interface ClientOptions {
  /** Such as `wss://HOST/ws`. */
  readonly url: string;
  readonly token: TokenSource;
  readonly onState?: (state: ConnectionState) => void;
  /** Where there is no global one, as in Node.js before 22: that of the package `ws`. */
  readonly WebSocket?: SocketConstructor;
  readonly environment?: Environment;
}

/** Until welcome; a gateway that cannot open a session says so sooner. */
const OPEN_TIMEOUT_MILLIS = 10_000;
/** Browsers do not show the gateway's pings, so silence is ended by a question of our own. */
const PING_AFTER_MILLIS = 15_000;
const PONG_WITHIN_MILLIS = 8_000;
/** A socket that lived this long starts the back-off anew. */
const STABLE_MILLIS = 5_000;
const REFRESH_RETRY_MILLIS = 5_000;
const FRAME_MAX = 256 * 1024;
/** Not 1000, which would end the session. */
const ABANDONED = 4000;
const NORMAL = 1000;
const LOST = 1006;

/**
 * One connection to whichever gateway answers at the URL, and the documents over it. It reconnects
 * by itself and resumes its session; operations without an answer are sent again and stored once.
 */
export class AetherFlowClient {
  private readonly env: Environment;
  private readonly documents = new Map<string, SharedDocument>();
  private readonly identities = new Set<string>();
  private readonly numbers = new Map<string, number>();
  private readonly pace: Pace;
  private readonly link: Link;
  private socket: Socket | null = null;
  private resume: Resume | null = null;
  private welcome: Welcome | null = null;
  private failures = 0;
  private openedAt = 0;
  private heardAt = 0;
  private ids = 0;
  private refreshId = 0;
  private running = false;
  /** Counts attempts; what an earlier one still brings is ignored. */
  private attempt = 0;
  private cancelRetry: () => void = () => {};
  private cancelRefresh: () => void = () => {};
  private cancelWatch: () => void = () => {};

  constructor(private readonly options: ClientOptions) {
    this.env = options.environment ?? ENVIRONMENT;
    this.pace = new Pace(this.env.now);
    this.link = this.makeLink();
    this.connect();
  }

  /** Attaches a document, now or when connected. A document can be open once. */
  open(id: string, options: DocumentOptions = {}): SharedDocument {
    if (this.documents.has(id)) {
      throw new Error(`document ${id} is open already`);
    }
    const document = new SharedDocument(id, options, this.link);
    this.documents.set(id, document);
    if (this.welcome !== null) {
      document.onOpen();
    }
    return document;
  }

  /** Connects again after `stopped`; otherwise without effect. */
  connect(): void {
    if (!this.running) {
      this.running = true;
      this.failures = 0;
      this.resume = null;
      void this.dial();
    }
  }

  /** Asks for a token and gives it to the gateway, as happens by itself before the old one expires. */
  async refreshToken(): Promise<void> {
    const attempt = this.attempt;
    let token: string;
    try {
      token = await this.options.token();
    } catch {
      this.refreshIn(REFRESH_RETRY_MILLIS);
      return;
    }
    if (attempt === this.attempt && this.welcome !== null) {
      this.refreshId = this.link.nextId();
      this.send({ t: 'auth', id: this.refreshId, token });
    }
  }

  /** Drops the connection and makes a new one, as a lost network would. */
  reconnect(): void {
    if (this.running) {
      this.abandon(ABANDONED);
      this.onEnd(LOST, 'asked for');
    }
  }

  /** Ends the session. Operations without an answer are rejected. */
  close(): void {
    for (const each of [...this.documents.values()]) {
      each.close();
    }
    this.running = false;
    this.abandon(NORMAL);
    this.state({ kind: 'stopped', reason: 'closed' });
  }

  private makeLink(): Link {
    const client = this;
    return {
      env: client.env,
      get clientId() {
        return client.welcome?.client_id ?? '';
      },
      get frameMax() {
        return client.welcome?.limits.frame_bytes ?? FRAME_MAX;
      },
      nextId: () => ++client.ids,
      nextClientSeq: (document) => {
        const next = (client.numbers.get(document) ?? 0) + 1;
        client.numbers.set(document, next);
        return next;
      },
      isOwn: (id) => client.identities.has(id),
      take: () => client.pace.take(),
      send: (message) => client.send(message),
      sendText: (text) => client.socket?.send(text),
      closed: (document) => client.documents.delete(document.id),
    };
  }

  private async dial(): Promise<void> {
    const attempt = ++this.attempt;
    this.state({ kind: 'connecting', retryInMillis: 0 });
    let token: string;
    try {
      token = await this.options.token();
    } catch (error) {
      if (attempt === this.attempt && this.running) {
        this.onEnd(LOST, `no token: ${String(error)}`);
      }
      return;
    }
    if (attempt !== this.attempt || !this.running) {
      return;
    }
    const Constructor =
      this.options.WebSocket ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
    if (Constructor === undefined) {
      throw new Error('there is no global WebSocket; give one in the options');
    }
    const socket = new Constructor(this.options.url);
    this.socket = socket;
    socket.onopen = () =>
      this.send({ t: 'hello', token, ...(this.resume === null ? {} : { resume: this.resume }) });
    socket.onmessage = (event) => this.onText(event.data);
    socket.onclose = (event) => {
      this.abandon(null);
      this.onEnd(event.code, event.reason);
    };
    socket.onerror = () => {};
    this.cancelWatch = this.env.after(OPEN_TIMEOUT_MILLIS, () => this.giveUp('no welcome in time'));
  }

  private onText(text: unknown): void {
    this.heardAt = this.env.now();
    const message = parse(text);
    if (message !== null) {
      this.onMessage(message);
    }
  }

  private onMessage(message: ServerMessage): void {
    switch (message.t) {
      case 'welcome':
        return this.onWelcome(message);
      case 'error':
        return this.onError(message);
      case 'reconnect':
        return this.onReconnect(message.after_ms);
      case 'attached':
      case 'ops':
      case 'ack':
      case 'nack':
      case 'gap':
      case 'state':
      case 'locked':
      case 'unlocked':
      case 'presence':
      case 'detached':
        return this.documents.get(message.doc)?.onMessage(message);
      default:
      // pong, and what later gateways may send.
    }
  }

  private onWelcome(welcome: Welcome): void {
    const first = this.welcome === null;
    this.welcome = welcome;
    this.resume = { session: welcome.session, token: welcome.resume_token };
    this.identities.add(welcome.client_id);
    this.pace.limit(welcome.limits.messages_per_second);
    // A fifth of its life is left to get the next one.
    this.refreshIn(welcome.ttl_seconds * 800);
    if (first) {
      this.openedAt = this.env.now();
      this.watch();
      this.state({
        kind: 'open',
        user: welcome.user,
        clientId: welcome.client_id,
        resumed: welcome.resumed,
      });
    }
    for (const each of this.documents.values()) {
      each.onOpen();
    }
  }

  private onError(error: ErrorMessage): void {
    if (error.id !== undefined && error.id === this.refreshId) {
      this.refreshIn(REFRESH_RETRY_MILLIS);
      return;
    }
    for (const each of this.documents.values()) {
      if (each.onError(error)) {
        return;
      }
    }
  }

  /** The gateway stops: the present socket serves until the time it named. */
  private onReconnect(afterMillis: number): void {
    const attempt = this.attempt;
    this.env.after(afterMillis, () => {
      if (attempt === this.attempt && this.socket !== null) {
        this.abandon(ABANDONED);
        this.failures = 0;
        void this.dial();
      }
    });
  }

  private refreshIn(millis: number): void {
    this.cancelRefresh();
    // Timers hold at most 2^31 ms; a token that lives longer is refreshed earlier than need be.
    const wait = Math.min(Math.max(millis, 1_000), 2 ** 31 - 1);
    this.cancelRefresh = this.env.after(wait, () => void this.refreshToken());
  }

  private watch(): void {
    this.cancelWatch();
    this.cancelWatch = this.env.after(PING_AFTER_MILLIS, () => {
      if (this.env.now() - this.heardAt < PING_AFTER_MILLIS) {
        this.watch();
        return;
      }
      this.send({ t: 'ping' });
      const asked = this.env.now();
      this.cancelWatch = this.env.after(PONG_WITHIN_MILLIS, () =>
        this.heardAt >= asked ? this.watch() : this.giveUp('no answer to ping'),
      );
    });
  }

  private giveUp(reason: string): void {
    this.abandon(ABANDONED);
    this.onEnd(LOST, reason);
  }

  /** Forgets the socket at once: the close of a dead connection can take minutes to be told. */
  private abandon(code: number | null): void {
    const socket = this.socket;
    this.socket = null;
    this.welcome = null;
    this.attempt++;
    this.cancelRetry();
    this.cancelRefresh();
    this.cancelWatch();
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      if (code !== null) {
        socket.close(code);
      }
    }
    for (const each of this.documents.values()) {
      each.onDisconnect();
    }
  }

  private onEnd(code: number, reason: string): void {
    const lived = this.openedAt > 0 ? this.env.now() - this.openedAt : 0;
    this.openedAt = 0;
    if (lived > STABLE_MILLIS) {
      this.failures = 0;
    }
    const next = afterClose(code, this.failures++, this.env.random);
    if (next.kind === 'stop') {
      this.running = false;
      this.state({ kind: 'stopped', reason: reason || `closed with ${code}` });
      return;
    }
    this.state({ kind: 'connecting', retryInMillis: next.afterMillis });
    this.cancelRetry = this.env.after(next.afterMillis, () => void this.dial());
  }

  private send(message: ClientMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  private state(state: ConnectionState): void {
    this.options.onState?.(state);
  }
}
