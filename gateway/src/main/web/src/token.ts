/** Where the visitor's token lives: this window, until it is closed. */
const KEY = 'aetherflow.token';
/** A token that lives no longer is not worth connecting with. */
const LEAST_MILLIS = 15_000;

export interface Visitor {
  readonly user: string;
  readonly expiresAtMillis: number;
}

/** What a token says of itself; only a gateway can tell whether it is true. */
export function visitorOf(token: string): Visitor | null {
  try {
    const payload = token.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown; exp?: unknown };
    return typeof claims.sub === 'string' && typeof claims.exp === 'number'
      ? { user: claims.sub, expiresAtMillis: claims.exp * 1000 }
      : null;
  } catch {
    return null;
  }
}

/** Tokens of one page: from its address (`#token=...`), else asked for in a dialog. */
export class Tokens {
  private asking: Promise<string> | null = null;

  constructor(private readonly dialog: HTMLDialogElement) {
    this.takeFromAddress();
    window.addEventListener('hashchange', () => {
      if (location.hash.includes('token=')) {
        this.takeFromAddress();
        location.reload();
      }
    });
  }

  /** A token that is not about to expire; waits for the visitor when there is none. */
  async get(): Promise<string> {
    const token = sessionStorage.getItem(KEY);
    const visitor = token === null ? null : visitorOf(token);
    if (token !== null && visitor !== null && visitor.expiresAtMillis - Date.now() > LEAST_MILLIS) {
      return token;
    }
    return this.ask(visitor === null ? '' : 'The token has expired.');
  }

  /** Asks for another one. */
  async refused(why: string): Promise<string> {
    sessionStorage.removeItem(KEY);
    return this.ask(why);
  }

  /** Keeps the token out of the address bar, the history and what is copied from there. */
  private takeFromAddress(): void {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token !== null) {
      sessionStorage.setItem(KEY, token);
      history.replaceState(null, '', location.pathname + location.search);
    }
  }

  private ask(why: string): Promise<string> {
    this.asking ??= new Promise((answer) => {
      const form = this.dialog.querySelector('form')!;
      const input = this.dialog.querySelector('textarea')!;
      const problem = this.dialog.querySelector<HTMLElement>('.problem')!;
      problem.textContent = why;
      form.onsubmit = (event) => {
        event.preventDefault();
        const token = input.value.trim();
        const visitor = visitorOf(token);
        if (visitor === null) {
          problem.textContent = 'This is no token: it has three parts with dots between them.';
        } else if (visitor.expiresAtMillis < Date.now()) {
          problem.textContent = 'This token has expired.';
        } else {
          sessionStorage.setItem(KEY, token);
          input.value = '';
          this.asking = null;
          this.dialog.close();
          answer(token);
        }
      };
      this.dialog.oncancel = (event) => event.preventDefault();
      this.dialog.showModal();
    });
    return this.asking;
  }
}
