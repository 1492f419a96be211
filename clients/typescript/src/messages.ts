/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** An operation as the document's log holds it. */
export interface Operation {
  /** Its place: 1, 2, 3, ... without a hole, the same for every client. */
  readonly seq: number;
  readonly client_id: string;
  readonly client_seq: number;
  readonly user: string;
  /** Left out where the operation says all by another field. */
  readonly data?: Json;
  /** Set when the data was written as bytes that are no JSON; `data` is then base64 text. */
  readonly encoding?: 'base64';
  /** Its writer had not seen `head_seq`, which holds; this one does not until it is resolved. */
  readonly conflict?: { readonly base_seq: number; readonly head_seq: number };
  /** It resolves the conflict of that operation: `data` holds instead, or nothing of it. */
  readonly resolves_seq?: number;
  readonly lock?: LockEvent;
  /** `data` is the content of that version, which replaces everything before (docs/websocket.md). */
  readonly restores?: { readonly version: string; readonly seq: number };
}

/** A lock changed hands. */
export interface LockEvent {
  readonly lock: string;
  readonly token: number;
  readonly client_id: string;
  readonly kind: 'taken' | 'released' | 'expired';
}

/** A lock held: an operation that names it is stored only while it is. */
export interface LockToken {
  readonly lock: string;
  readonly token: number;
}

/** What a gateway takes on one socket. */
export interface Limits {
  readonly frame_bytes: number;
  readonly documents: number;
  readonly operations_in_flight: number;
  readonly messages_per_second: number;
}

/** Who resumes what. */
export interface Resume {
  readonly session: string;
  readonly token: string;
}

export type ClientMessage =
  | { t: 'hello'; token: string; resume?: Resume }
  | { t: 'auth'; id: number; token: string }
  | { t: 'ping' }
  | { t: 'attach'; id: number; doc: string; from_seq?: number; epoch?: number }
  | { t: 'lock'; id: number; doc: string; lock: string; ttl_ms?: number }
  | { t: 'renew' | 'unlock'; id: number; doc: string; lock: string; token: number }
  | { t: 'presence'; doc: string; data: Json }
  | { t: 'detach'; id: number; doc: string };

export interface Welcome {
  readonly t: 'welcome';
  readonly id?: number;
  readonly session: string;
  readonly client_id: string;
  readonly resume_token: string;
  readonly resumed: boolean;
  readonly user: string;
  readonly ttl_seconds: number;
  readonly limits: Limits;
}

export type DocumentMessage =
  | { t: 'attached'; id?: number; doc: string; epoch: number; head: number; role: 'editor' | 'viewer'; recovered: boolean }
  | { t: 'ops'; doc: string; epoch: number; first_seq: number; ops: Operation[] }
  | { t: 'ack'; doc: string; client_seq: number; seq: number }
  | { t: 'nack'; doc: string; client_seq: number; reason: string; retryable: boolean }
  | { t: 'gap'; doc: string; head: number }
  | StateMessage
  | LockAnswer
  | { t: 'presence'; doc: string; client_id: string; user: string; data: Json }
  | { t: 'detached'; id?: number; doc: string };

/** One of `parts`: alone it is the state, else base64 text of a part of the state's bytes. */
export interface StateMessage {
  readonly t: 'state';
  readonly doc: string;
  readonly epoch: number;
  readonly seq: number;
  readonly part: number;
  readonly parts: number;
  readonly state: Json;
  readonly encoding?: 'base64';
}

/** Answers `lock` and `renew`. */
export interface Locked {
  readonly t: 'locked';
  readonly id?: number;
  readonly doc: string;
  readonly lock: string;
  readonly token: number;
  readonly ttl_ms: number;
}

export type LockAnswer =
  | Locked
  | { readonly t: 'unlocked'; readonly id?: number; readonly doc: string; readonly lock: string };

export interface ErrorMessage {
  readonly t: 'error';
  readonly id?: number;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly guuid?: string;
}

/** docs/websocket.md describes each. */
export type ServerMessage =
  | Welcome
  | DocumentMessage
  | ErrorMessage
  | { t: 'pong' }
  | { t: 'reconnect'; after_ms: number };

/** Null for what is no message; one of an unknown type must be passed over by the caller. */
export function parse(text: unknown): ServerMessage | null {
  if (typeof text !== 'string') {
    return null;
  }
  try {
    const message: unknown = JSON.parse(text);
    const isMessage = typeof message === 'object' && message !== null && 't' in message;
    return isMessage ? (message as ServerMessage) : null;
  } catch {
    return null;
  }
}
