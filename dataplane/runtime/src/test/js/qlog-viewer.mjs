// Runs the viewer's own script on a trace, with the little of a browser that it needs, and prints
// what it would show: the lines of each plot, and which points of them it has drawn.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const [page, trace] = process.argv.slice(2);
const html = readFileSync(page, 'utf8');
const WIDTH = 1000, HEIGHT = 190;

/** Keeps the paths that were drawn, each as its points. */
class Pen {
  paths = [];
  scale() {}
  fillRect() {}
  fillText() {}
  beginPath() { this.path = []; }
  moveTo(x, y) { this.path.push([x, y]); }
  lineTo(x, y) { this.path.push([x, y]); }
  arc() {}
  stroke() { this.paths.push(this.path); }
  fill() { this.paths.push(this.path); }
}

class Element {
  style = {};
  classList = { toggle() {} };
  clientWidth = WIDTH;
  clientHeight = HEIGHT;
  children = [];
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  addEventListener() {}
  remove() {}
  getContext() { return this.pen ??= new Pen(); }
}

const elements = new Map([...html.matchAll(/ id="(\w+)"/g)].map(([, id]) => [id, new Element()]));
const canvases = [...elements].filter(([id]) => /^c\d$/.test(id)).map(([, each]) => each);
const context = vm.createContext({
  document: {
    getElementById: id => elements.get(id) ?? null,
    createElement: () => new Element(),
    querySelectorAll: () => canvases,
    addEventListener() {},
    body: new Element(),
    documentElement: new Element(),
  },
  getComputedStyle: () => ({ color: 'rgb(1, 2, 3)', getPropertyValue: () => 'red' }),
  matchMedia: () => new Element(),
  addEventListener() {},
  devicePixelRatio: 1,
  text: readFileSync(trace, 'utf8'),
});
vm.runInContext(/<script>([^]*)<\/script>/.exec(html)[1], context);
vm.runInContext('show(text, "a.qlog")', context);

const inside = ([x, y]) => x >= 0 && x <= WIDTH && y >= 0 && y <= HEIGHT;
const plots = vm.runInContext('plots()', context).map(({ lines }, i) => {
  // Whatever else is drawn, a plot's lines come last.
  const drawn = canvases[i].pen.paths.slice(-lines.length);
  return lines.map(({ name, at }, j) =>
    ({ name, sum: at.reduce((sum, [, v]) => sum + v, 0), points: at.length, drawn: drawn[j].filter(inside).length }));
});
const facts = elements.get('facts').children.map(({ children: [value, label] }) => [label.textContent, String(value.textContent)]);
console.log(JSON.stringify({ plots: plots.flat(), facts: Object.fromEntries(facts), note: elements.get('note').textContent }));
