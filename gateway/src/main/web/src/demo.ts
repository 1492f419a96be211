import { AetherFlowClient, type ConnectionState, type Json, type SharedDocument } from 'aetherflow-client';
import { Board, HEIGHT, WIDTH } from './board.js';
import { Carets, type Caret } from './carets.js';
import { byId, element } from './dom.js';
import { hereOf, People, type Here } from './people.js';
import { sparkline } from './plot.js';
import { Reach } from './reach.js';
import { SharedText } from './text.js';
import { Tokens, visitorOf } from './token.js';

const NAME_KEY = 'aetherflow.name';
const room = /^[A-Za-z0-9._-]{1,64}$/.exec(new URLSearchParams(location.search).get('room') ?? '')?.[0] ?? 'lobby';

const state = byId('state', HTMLElement);
const name = byId('name', HTMLInputElement);
const area = byId('text', HTMLTextAreaElement);
const tokens = new Tokens(byId('ask', HTMLDialogElement));
const carets = new Carets(area, byId('carets', HTMLElement));
const reach = new Reach(() => performance.now());
const people = new People(byId('people', HTMLElement), byId('pointers', HTMLElement), WIDTH, HEIGHT);
byId('room', HTMLElement).textContent = room;

let clientId = 'me';
let user = '';
let pointer: [number, number] | null = null;
let drawing = false;
const gaps: number[] = [];
/** Whether anything of the board was told since the page or the last reload began. */
let told = false;
/** The board is told from the start again; what is shown stays until that comes. */
let reloading = false;

const board = new Board(
  byId('board', HTMLCanvasElement),
  (data) => {
    const at = performance.now();
    const stored = strokes.submit(data);
    stored.then((seq) => reach.wroteBoard(at, seq)).catch(onRefused);
    showLater();
    return stored;
  },
  (at) => {
    pointer = at;
    tell();
  },
);
const text = new SharedText(
  area,
  (clock) => {
    reach.wroteText(text.doc.clientID, clock);
    showLater();
  },
  () => {
    tell();
    showLater();
  },
);
const client = new AetherFlowClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
  token: () => tokens.get(),
  onState: onState,
});
const strokes: SharedDocument = client.open(`demo.${room}.board`, {
  operations: (operations) => {
    beginAnew();
    for (const { data, restores } of operations) {
      if (restores !== undefined) {
        load(data);
      } else if (data !== undefined) {
        board.apply(data);
      }
    }
    tell();
  },
  state: ({ data }) => {
    beginAnew();
    load(data);
    tell();
  },
  gap: (gap) => {
    gaps.push(gap.to);
    onGap();
  },
  ready: beginAnew,
  peers: () => {
    reach.heard(heres());
    showLater();
  },
  denied: (message) => notice(`The whiteboard is closed to you: ${message}.`),
});
void connectText();

function onState(now: ConnectionState): void {
  if (now.kind === 'open') {
    clientId = now.clientId;
    user = now.user;
    name.placeholder = user;
    tell();
    notice('');
  } else if (now.kind === 'stopped' && now.reason !== 'closed') {
    void tokens.refused(`The gateway refused the token: ${now.reason}.`).then(() => {
      client.connect();
      void connectText();
    });
  }
  state.className = `pill ${now.kind}`;
  state.textContent =
    now.kind === 'open' ? 'connected' : now.kind === 'stopped' ? 'refused' : 'connecting…';
  showLater();
}

async function connectText(): Promise<void> {
  const token = await tokens.get();
  user ||= visitorOf(token)?.user ?? '';
  text.connect(`demo.${room}.text`, token, (tokenIsBad, reason) => {
    if (tokenIsBad) {
      void connectText();
    } else {
      notice(`The text is closed to you: ${reason}.`);
    }
  });
}

/** What was missed may be had from the start; if it may not, no second try will bring it. */
function onGap(): void {
  if (told && !reloading) {
    told = false;
    reloading = true;
    notice('Strokes were missed on the way, so the whiteboard has been loaded anew.');
    strokes.reload();
  } else {
    reloading = false;
    notice('Strokes made before now are not to be had; what you see may lack some.');
  }
}

function beginAnew(): void {
  told = true;
  if (reloading) {
    reloading = false;
    board.load([]);
  }
}

function load(data: Json = null): void {
  if (!board.load(data)) {
    notice('Older strokes are kept in a form that this page cannot show.');
  }
}

function onRefused(error: Error): void {
  notice(`A stroke was not stored: ${error.message}.`);
}

function notice(sentence: string): void {
  byId('notice', HTMLElement).textContent = sentence;
}

function heres(): Map<string, Here> {
  const found = new Map<string, Here>();
  for (const peer of strokes.peers.values()) {
    const here = hereOf(peer.data);
    if (here !== null) {
      found.set(peer.clientId, here);
    }
  }
  return found;
}

/** Tells the others where we are and what we have on the screen. */
function tell(): void {
  queueMicrotask(() => {
    const clocks = [...heres().values()].map((each) => [each.yjs, text.clockOf(each.yjs)]);
    strokes.setPresence({
      name: myName(),
      at: pointer,
      board: strokes.seq,
      yjs: text.doc.clientID,
      text: Object.fromEntries(clocks) as Json,
      caret: text.caret,
    });
  });
}

function caretsOfOthers(): Caret[] {
  const found: Caret[] = [];
  for (const [clientId, { name, caret }] of heres()) {
    const at = text.placeOf(caret);
    if (at !== null) {
      found.push({ clientId, name, at });
    }
  }
  return found;
}

function myName(): string {
  return name.value.trim() || user || 'somebody';
}

function showLater(): void {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      show();
    });
  }
}

const millis = (value: number) => (Number.isNaN(value) ? '–' : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);

function show(): void {
  people.show({ clientId, name: myName() }, strokes.peers);
  carets.show(caretsOfOthers());
  const alone = strokes.peers.size === 0;
  byId('reach-last', HTMLElement).textContent = millis(reach.others.last);
  byId('reach-median', HTMLElement).textContent = millis(reach.others.quantile(0.5));
  byId('reach-p95', HTMLElement).textContent = millis(reach.others.quantile(0.95));
  byId('stored', HTMLElement).textContent = millis(reach.stored.quantile(0.5));
  byId('unanswered', HTMLElement).textContent = String(strokes.unanswered);
  byId('alone', HTMLElement).hidden = !alone;
  sparkline(byId('reach-line', HTMLCanvasElement), reach.others.values);
}

name.value = sessionStorage.getItem(NAME_KEY) ?? '';
name.addEventListener('input', () => {
  sessionStorage.setItem(NAME_KEY, name.value);
  tell();
  showLater();
});
document.addEventListener('selectionchange', tell);
area.addEventListener('blur', tell);
const pens = byId('pens', HTMLElement);
for (let pen = 0; pen < 6; pen++) {
  const button = element('button', 'pen') as HTMLButtonElement;
  button.type = 'button';
  button.style.setProperty('--pen', `var(--pen-${pen})`);
  button.ariaLabel = `pen ${pen + 1}`;
  button.ariaPressed = String(pen === 0);
  button.onclick = () => {
    board.pen = pen;
    pens.querySelectorAll('.pen').forEach((each) => (each.ariaPressed = String(each === button)));
  };
  pens.append(button);
}
byId('width', HTMLInputElement).addEventListener('input', (event) => {
  board.width = Number((event.target as HTMLInputElement).value);
});
byId('clear', HTMLButtonElement).onclick = () => board.clear();
byId('alone-link', HTMLAnchorElement).onclick = () => {
  // The new window starts with a copy of this one's session storage, and with it the token.
  window.open(location.href, '_blank');
  return false;
};
window.addEventListener('pagehide', () => strokes.setPresence(null));
showLater();

/** For the curious, and for tests: what this window holds. */
Object.assign(globalThis, {
  demo: {
    board: () => board.contents(),
    seq: () => strokes.seq,
    text: () => text.value,
    synced: () => text.synced,
    unanswered: () => strokes.unanswered,
    peers: () => [...heres().values()].map((each) => each.name).sort(),
    gaps: () => gaps,
    reach: () => reach.others.values,
    state: () => state.textContent,
  },
});
