import type { Json, StateMessage } from './messages.js';

/** What a document's operations up to a place amount to. */
export interface DocumentContent {
  /** The last operation in it. */
  readonly seq: number;
  readonly data: Json;
  /** Set when the state is bytes that are no JSON; `data` is then base64 text. */
  readonly encoding?: 'base64';
}

/** The parts of a state, which come together and in order. */
export class StateParts {
  private parts: StateMessage[] = [];

  /** False for a part that is not due. */
  add(part: StateMessage): boolean {
    if (part.part === 0) {
      this.parts = [];
    }
    const before = this.parts.at(-1);
    if (part.part !== this.parts.length || (before !== undefined && before.seq !== part.seq)) {
      return false;
    }
    this.parts.push(part);
    return true;
  }

  /** The state, once all its parts are here; null before. */
  take(): DocumentContent | null {
    const [first] = this.parts;
    if (first === undefined || this.parts.length < first.parts) {
      return null;
    }
    const parts = this.parts;
    this.clear();
    if (first.parts > 1) {
      return { seq: first.seq, ...decode(parts.map((each) => atob(each.state as string)).join('')) };
    }
    const { seq, state, encoding } = first;
    return { seq, data: state, ...(encoding === undefined ? {} : { encoding }) };
  }

  clear(): void {
    this.parts = [];
  }
}

/** A part can end within a character, so only the whole is text. */
function decode(bytes: string): { data: Json; encoding?: 'base64' } {
  try {
    const array = Uint8Array.from(bytes, (each) => each.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(array);
    return { data: JSON.parse(text) as Json };
  } catch {
    return { data: btoa(bytes), encoding: 'base64' };
  }
}
