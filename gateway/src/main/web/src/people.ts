import type { Json, Peer } from 'aetherflow-client';

/** What a window of the demo tells the others, as its presence. */
export interface Here {
  readonly name: string;
  /** Place of the pointer on the board, or nothing. */
  readonly at: readonly [number, number] | null;
  /** The last whiteboard operation on its screen. */
  readonly board: number;
  /** Its own number in the shared text. */
  readonly yjs: number;
  /** How far it has the text of others, by their numbers. */
  readonly text: { readonly [yjs: string]: number };
  /** Its place in the shared text, as Yjs writes a relative position, or null. */
  readonly caret: Json;
}

const HUES = 12;

/** Null for what another program sent. */
export function hereOf(data: Json): Here | null {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return null;
  }
  const { name, at, board, yjs, text, caret } = data;
  if (typeof name !== 'string' || typeof board !== 'number' || typeof yjs !== 'number') {
    return null;
  }
  const isPlace = Array.isArray(at) && typeof at[0] === 'number' && typeof at[1] === 'number';
  return {
    name: name.slice(0, 40),
    at: isPlace ? [at[0] as number, at[1] as number] : null,
    board,
    yjs,
    text: typeof text === 'object' && text !== null && !Array.isArray(text) ? (text as Here['text']) : {},
    caret: caret ?? null,
  };
}

/** The same colour for the same window on every screen. */
export function colorOf(clientId: string): string {
  let hash = 0;
  for (const char of clientId) {
    hash = (hash * 31 + char.charCodeAt(0)) >>> 0;
  }
  return `hsl(${((hash % HUES) * 360) / HUES} 70% 48%)`;
}

/** Who is there: chips above the board, pointers on it. */
export class People {
  private readonly pointers = new Map<string, HTMLElement>();

  constructor(
    private readonly chips: HTMLElement,
    private readonly layer: HTMLElement,
    private readonly boardWidth: number,
    private readonly boardHeight: number,
  ) {}

  show(me: { clientId: string; name: string }, peers: ReadonlyMap<string, Peer>): void {
    const chips = [chip(me.clientId, `${me.name} (you)`)];
    const left = new Set(this.pointers.keys());
    for (const peer of peers.values()) {
      const here = hereOf(peer.data);
      if (here !== null) {
        chips.push(chip(peer.clientId, here.name));
        if (here.at !== null) {
          left.delete(peer.clientId);
          this.point(peer.clientId, here.name, here.at);
        }
      }
    }
    this.chips.replaceChildren(...chips);
    for (const gone of left) {
      this.pointers.get(gone)?.remove();
      this.pointers.delete(gone);
    }
  }

  private point(clientId: string, name: string, [x, y]: readonly [number, number]): void {
    let pointer = this.pointers.get(clientId);
    if (pointer === undefined) {
      pointer = document.createElement('div');
      pointer.className = 'pointer';
      pointer.style.setProperty('--who', colorOf(clientId));
      pointer.append(document.createElement('i'), document.createElement('span'));
      this.layer.append(pointer);
      this.pointers.set(clientId, pointer);
    }
    pointer.lastElementChild!.textContent = name;
    pointer.style.left = `${(100 * x) / this.boardWidth}%`;
    pointer.style.top = `${(100 * y) / this.boardHeight}%`;
  }
}

function chip(clientId: string, name: string): HTMLElement {
  const made = document.createElement('span');
  made.className = 'chip';
  made.style.setProperty('--who', colorOf(clientId));
  made.textContent = name;
  return made;
}
