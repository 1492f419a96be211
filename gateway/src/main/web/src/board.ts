import type { Json } from 'aetherflow-client';
import { color, onScheme } from './dom.js';

/** The board's own measure, whatever the screen's is. */
export const WIDTH = 1200;
export const HEIGHT = 800;

/** Often enough to look live, seldom enough to leave the log short. */
const PART_EVERY_MILLIS = 40;
const POINTS_MAX = 400;
const PENS = 6;

/** A piece of a stroke: one operation of the whiteboard's document. */
interface Line {
  readonly pen: number;
  readonly width: number;
  /** x0, y0, x1, y1, ... */
  readonly points: readonly number[];
}

function lineOf(data: Json): Line | null {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return null;
  }
  const { pen, width, points } = data;
  const isLine =
    typeof pen === 'number' && pen >= 0 && pen < PENS && typeof width === 'number' && width > 0 &&
    width <= 40 && Array.isArray(points) && points.every((each) => typeof each === 'number');
  return isLine ? { pen, width, points: points as number[] } : null;
}

/** Draws what the log says, and own strokes at once. */
export class Board {
  pen = 0;
  width = 4;
  private readonly context: CanvasRenderingContext2D;
  private lines: Line[] = [];
  private readonly pending = new Set<Line>();
  private drawing: number[] | null = null;
  private sentAt = 0;
  private cleared = 0;

  /**
   * @param submit stores an operation
   * @param pointed told where the pointer is, null when it left
   */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly submit: (data: Json) => Promise<unknown>,
    private readonly pointed: (at: [number, number] | null) => void,
  ) {
    this.context = canvas.getContext('2d')!;
    new ResizeObserver(() => this.resize()).observe(canvas);
    onScheme(() => this.redraw());
    canvas.addEventListener('pointerdown', (event) => this.onDown(event));
    canvas.addEventListener('pointermove', (event) => this.onMove(event));
    canvas.addEventListener('pointerup', () => this.onUp());
    canvas.addEventListener('pointercancel', () => this.onUp());
    canvas.addEventListener('pointerleave', () => this.pointed(null));
  }

  /** An operation of the log, in its order. */
  apply(data: Json): void {
    if (data !== null && typeof data === 'object' && !Array.isArray(data) && data['clear'] === true) {
      this.lines = [];
      this.cleared++;
      this.redraw();
      return;
    }
    const line = lineOf(data);
    if (line !== null) {
      this.lines.push(line);
      this.stroke(line);
    }
  }

  /**
   * Instead of all operations so far: what they amount to, which is a list of lines.
   *
   * @returns false when some of it is no line
   */
  load(data: Json): boolean {
    const lines = Array.isArray(data) ? data.map(lineOf) : [null];
    this.lines = lines.filter((each) => each !== null);
    this.redraw();
    return !lines.includes(null);
  }

  clear(): void {
    void this.submit({ clear: true }).catch(() => {});
  }

  /** What every window must agree on. */
  contents(): readonly Json[] {
    return this.lines.map((each) => [each.pen, each.width, ...each.points]);
  }

  get clears(): number {
    return this.cleared;
  }

  private onDown(event: PointerEvent): void {
    if (event.button !== 0) {
      return;
    }
    this.canvas.setPointerCapture(event.pointerId);
    const [x, y] = this.place(event);
    // A dot is a line of no length.
    this.drawing = [x, y, x, y];
    this.sentAt = event.timeStamp;
    this.pointed([x, y]);
  }

  private onMove(event: PointerEvent): void {
    const place = this.place(event);
    this.pointed(place);
    if (this.drawing === null) {
      return;
    }
    const all = event.getCoalescedEvents?.() ?? [];
    for (const each of all.length > 0 ? all : [event]) {
      this.drawing.push(...this.place(each));
    }
    if (event.timeStamp - this.sentAt >= PART_EVERY_MILLIS || this.drawing.length >= POINTS_MAX) {
      this.sentAt = event.timeStamp;
      this.send(this.drawing);
      this.drawing = this.drawing.slice(-2);
    }
  }

  private onUp(): void {
    if (this.drawing !== null && this.drawing.length > 2) {
      this.send(this.drawing);
    }
    this.drawing = null;
  }

  private send(points: number[]): void {
    const line: Line = { pen: this.pen, width: this.width, points: [...points] };
    this.pending.add(line);
    this.stroke(line);
    this.submit({ pen: line.pen, width: line.width, points: [...line.points] })
      .catch(() => {})
      .finally(() => {
        this.pending.delete(line);
      });
  }

  private place(event: PointerEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    const scale = (value: number, size: number, max: number) =>
      Math.round(Math.min(1, Math.max(0, value / size)) * max);
    return [
      scale(event.clientX - box.left, box.width, WIDTH),
      scale(event.clientY - box.top, box.height, HEIGHT),
    ];
  }

  private resize(): void {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(this.canvas.clientWidth * ratio);
    this.canvas.height = Math.round(this.canvas.clientHeight * ratio);
    this.redraw();
  }

  private redraw(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const each of [...this.lines, ...this.pending]) {
      this.stroke(each);
    }
  }

  private stroke(line: Line): void {
    const scale = this.canvas.width / WIDTH;
    const context = this.context;
    context.strokeStyle = color(`--pen-${line.pen}`);
    context.lineWidth = line.width * scale;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    for (let i = 0; i + 1 < line.points.length; i += 2) {
      context.lineTo(line.points[i]! * scale, line.points[i + 1]! * scale);
    }
    context.stroke();
  }
}
