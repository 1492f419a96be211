import type { Json } from 'aetherflow-client';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';

/** Names the text in its Yjs document. */
const TEXT = 'text';

/** The part of a text that an edit replaced. */
function change(before: string, after: string, caret: number): { at: number; removed: number; added: string } {
  let end = 0;
  const most = Math.min(before.length, after.length);
  // From behind up to the caret, so that typing into a run of equal letters stays where it was typed.
  while (end < most && after.length - end > caret && before.at(-1 - end) === after.at(-1 - end)) {
    end++;
  }
  let at = 0;
  while (at < most - end && before[at] === after[at]) {
    at++;
  }
  return { at, removed: before.length - end - at, added: after.slice(at, after.length - end) };
}

/** A text area bound to a Yjs text of the gateway, by the unmodified y-websocket provider. */
export class SharedText {
  readonly doc = new Y.Doc();
  private readonly text = this.doc.getText(TEXT);
  private provider: WebsocketProvider | null = null;

  /**
   * @param written called after an own edit, with how far this window's writing goes now
   * @param seen called after an edit of others
   */
  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly written: (clock: number) => void,
    seen: () => void,
  ) {
    area.addEventListener('input', () => this.onInput());
    this.text.observe((event, transaction) => {
      if (transaction.origin !== this) {
        this.onRemote(event);
        seen();
      }
    });
  }

  /**
   * Connects, or connects anew with another token.
   *
   * @param closed called when the gateway closed the text for good
   */
  connect(room: string, token: string, closed: (tokenIsBad: boolean, reason: string) => void): void {
    const protocols = ['aetherflow', `bearer.${token}`];
    if (this.provider !== null) {
      this.provider.protocols = protocols;
      this.provider.connect();
      return;
    }
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/yjs`;
    // Other windows of this browser are reached through the gateway, as those of other machines are.
    this.provider = new WebsocketProvider(url, room, this.doc, { protocols, disableBc: true });
    this.provider.on('closed', ({ code, reason }) => closed(code === 4401, reason));
    this.provider.on('sync', (synced) => {
      this.area.disabled &&= !synced;
    });
  }

  get synced(): boolean {
    return this.provider?.synced ?? false;
  }

  get value(): string {
    return this.text.toString();
  }

  /** Where this window writes, in a form that edits before it do not shift; null for nowhere. */
  get caret(): Json {
    if (document.activeElement !== this.area) {
      return null;
    }
    const place = Y.createRelativePositionFromTypeIndex(this.text, this.area.selectionEnd);
    return Y.relativePositionToJSON(place) as Json;
  }

  /** The index of another's caret; null when it is none, or the text before it is not here yet. */
  placeOf(caret: Json): number | null {
    if (typeof caret !== 'object' || caret === null || Array.isArray(caret)) {
      return null;
    }
    // Another name would make another text in the document.
    if ((caret['tname'] ?? TEXT) !== TEXT) {
      return null;
    }
    try {
      const place = Y.createRelativePositionFromJSON(caret);
      const found = Y.createAbsolutePositionFromRelativePosition(place, this.doc);
      return found?.type === this.text ? found.index : null;
    } catch {
      return null;
    }
  }

  /** How far this window has the writing of another. */
  clockOf(yjs: number): number {
    return Y.getState(this.doc.store, yjs);
  }

  private onInput(): void {
    const { at, removed, added } = change(this.value, this.area.value, this.area.selectionEnd);
    this.doc.transact(() => {
      this.text.delete(at, removed);
      this.text.insert(at, added);
    }, this);
    this.written(this.clockOf(this.doc.clientID));
  }

  /** Others' edits move the caret with the words around it. */
  private onRemote(event: Y.YTextEvent): void {
    let start = this.area.selectionStart;
    let end = this.area.selectionEnd;
    let at = 0;
    for (const part of event.delta) {
      if (part.retain !== undefined) {
        at += part.retain;
      } else if (typeof part.insert === 'string') {
        const length = part.insert.length;
        start += at < start ? length : 0;
        end += at < end ? length : 0;
        at += length;
      } else if (part.delete !== undefined) {
        start -= Math.max(0, Math.min(part.delete, start - at));
        end -= Math.max(0, Math.min(part.delete, end - at));
      }
    }
    this.area.value = this.value;
    if (document.activeElement === this.area) {
      this.area.setSelectionRange(start, end);
    }
  }
}
