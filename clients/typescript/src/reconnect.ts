/** What follows the end of a socket. */
export type Next =
  | { readonly kind: 'again'; readonly afterMillis: number }
  | { readonly kind: 'stop' };

const FIRST_MILLIS = 200;
const MAX_MILLIS = 10_000;
/** The gateway said to come back later and slower. */
const RATE_MIN_MILLIS = 5_000;
const DENIED = 4003;
const DRAIN = 4010;
const RATE = 4029;
const AUTH_EXPIRED = 4001;

/**
 * Decides by close code, as docs/websocket.md asks. Pauses are drawn evenly from half to the whole
 * of an exponential back-off, so that clients that lost one gateway do not come back as one.
 *
 * @param failures sockets in a row that ended soon
 */
export function afterClose(code: number, failures: number, random: () => number): Next {
  const ceiling = Math.min(MAX_MILLIS, FIRST_MILLIS * 2 ** Math.min(failures, 10));
  const pause = ceiling * (0.5 + random() / 2);
  switch (code) {
    case DENIED:
      return { kind: 'stop' };
    case RATE:
      return { kind: 'again', afterMillis: RATE_MIN_MILLIS * (1 + random()) + pause };
    case AUTH_EXPIRED:
    case DRAIN:
      // Nothing is wrong with the next gateway, or with the next token.
      return { kind: 'again', afterMillis: failures === 0 ? random() * FIRST_MILLIS : pause };
    default:
      return { kind: 'again', afterMillis: pause };
  }
}
