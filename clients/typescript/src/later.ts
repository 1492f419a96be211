import type { Environment } from './environment.js';

const RETRY_MILLIS = 300;
const DOUBLINGS_MAX = 5;

/** One task that waits at a time; another that comes meanwhile is left out. */
export class Later {
  private retries = 0;
  private cancelTimer: (() => void) | null = null;

  constructor(private readonly env: Environment) {}

  get waits(): boolean {
    return this.cancelTimer !== null;
  }

  /** Twice as long each time, and never at the same moment as everybody else. */
  retry(task: () => void): void {
    const ceiling = RETRY_MILLIS * 2 ** Math.min(this.retries++, DOUBLINGS_MAX);
    this.after(ceiling * (0.5 + this.env.random() / 2), task);
  }

  after(millis: number, task: () => void): void {
    if (this.cancelTimer === null) {
      this.cancelTimer = this.env.after(millis, () => {
        this.cancelTimer = null;
        task();
      });
    }
  }

  /** The next retry waits as briefly as the first. */
  succeeded(): void {
    this.retries = 0;
  }

  cancel(): void {
    this.cancelTimer?.();
    this.cancelTimer = null;
  }
}
