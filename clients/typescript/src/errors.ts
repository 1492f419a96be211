/** The operation is not stored; `reason` is the gateway's, or TOO_LARGE, QUEUE_FULL or CLOSED. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  constructor(readonly reason: string) {
    super(`the operation was refused: ${reason}`);
  }
}

/**
 * The operation may be stored or not: the session that sent it is gone, and the history that would
 * tell cannot be read. Sending it again could store it twice.
 */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
  constructor() {
    super('whether the operation was stored cannot be told anymore');
  }
}
