import type { Here } from './people.js';

const EDITS_MAX = 200;
const SAMPLES = 120;
/** Who has not confirmed by then is gone or asleep, and says nothing of the way. */
const GIVE_UP_MILLIS = 15_000;

interface Edit {
  readonly at: number;
  readonly arrived: (here: Here) => boolean;
  readonly waiting: Set<string>;
}

/** The last values of a kind. */
export class Samples {
  readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
    if (this.values.length > SAMPLES) {
      this.values.shift();
    }
  }

  get last(): number {
    return this.values.at(-1) ?? NaN;
  }

  quantile(q: number): number {
    const sorted = [...this.values].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  }
}

/**
 * How long an edit takes to the other windows. Clocks of two machines cannot be compared, so each
 * window tells by its presence what is on its screen, and the time until that is heard here is
 * taken: an upper bound, for it holds the way back too.
 */
export class Reach {
  readonly stored = new Samples();
  readonly others = new Samples();
  private edits: Edit[] = [];
  private peers: ReadonlyMap<string, Here> = new Map();

  constructor(private readonly now: () => number) {}

  wroteText(yjs: number, clock: number): void {
    this.add(this.now(), (here) => (here.text[yjs] ?? 0) >= clock);
  }

  wroteBoard(at: number, seq: number): void {
    this.stored.add(this.now() - at);
    this.add(at, (here) => here.board >= seq);
  }

  heard(peers: ReadonlyMap<string, Here>): void {
    this.peers = peers;
    const now = this.now();
    for (const edit of this.edits) {
      for (const id of [...edit.waiting]) {
        const here = peers.get(id);
        if (here === undefined) {
          edit.waiting.delete(id);
        } else if (edit.arrived(here)) {
          edit.waiting.delete(id);
          this.others.add(now - edit.at);
        }
      }
    }
    this.edits = this.edits.filter((each) => each.waiting.size > 0 && now - each.at < GIVE_UP_MILLIS);
  }

  private add(at: number, arrived: Edit['arrived']): void {
    if (this.edits.length < EDITS_MAX && this.peers.size > 0) {
      this.edits.push({ at, arrived, waiting: new Set(this.peers.keys()) });
      this.heard(this.peers);
    }
  }
}
