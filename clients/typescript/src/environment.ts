/** The part of the browser's WebSocket that is used; that of the npm package `ws` fits too. */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string) => Socket;

/** Time and chance, as parameters so that tests decide on them. */
export interface Environment {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Calls back once; returns what cancels it. */
  after(millis: number, task: () => void): () => void;
  /** From 0 up to, not including, 1. */
  random(): number;
}

export const ENVIRONMENT: Environment = {
  now: () => performance.now(),
  after(millis, task) {
    const timer = setTimeout(task, millis);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
