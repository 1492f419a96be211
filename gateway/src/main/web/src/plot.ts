import { color, onScheme } from './dom.js';

export interface Series {
  readonly name: string;
  /** A custom property of the page, such as `--plot-0`. */
  readonly color: string;
  /** Oldest first; NaN leaves a gap. */
  readonly values: readonly number[];
}

function fit(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  return context;
}

/** One, two or five times a power of ten, not below the value. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= value * 0.999) ?? value;
}

/** A line without axes. */
export function sparkline(canvas: HTMLCanvasElement, values: readonly number[]): void {
  const context = fit(canvas);
  const max = Math.max(1, ...values) * 1.1;
  const step = canvas.clientWidth / Math.max(40, values.length - 1);
  context.strokeStyle = color('--plot-0');
  context.lineWidth = 1.5;
  context.beginPath();
  values.forEach((value, i) =>
    context.lineTo(i * step, canvas.clientHeight - 1 - (value / max) * (canvas.clientHeight - 2)),
  );
  context.stroke();
}

/** Lines over time with a legend that shows the last values, or those under the pointer. */
export class Plot {
  private series: readonly Series[] = [];
  private hover: number | null = null;
  private readonly legend: HTMLElement;
  private readonly canvas: HTMLCanvasElement;

  /**
   * @param points as many as fit the width
   * @param leastMax what the scale reaches at least, lest noise look like a storm
   */
  constructor(
    figure: HTMLElement,
    private readonly points: number,
    private readonly leastMax: number,
    private readonly format: (value: number) => string,
  ) {
    this.canvas = document.createElement('canvas');
    this.legend = document.createElement('p');
    this.legend.className = 'legend';
    figure.append(this.canvas, this.legend);
    this.canvas.addEventListener('pointermove', (event) => {
      const box = this.canvas.getBoundingClientRect();
      this.hover = (event.clientX - box.left) / box.width;
      this.draw();
    });
    this.canvas.addEventListener('pointerleave', () => {
      this.hover = null;
      this.draw();
    });
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    onScheme(() => this.draw());
  }

  show(series: readonly Series[]): void {
    this.series = series;
    this.draw();
  }

  private draw(): void {
    const context = fit(this.canvas);
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    const known = this.series.flatMap((each) => each.values.filter((value) => !Number.isNaN(value)));
    const max = roundUp(Math.max(this.leastMax, ...known));
    this.grid(context, width, height, max);
    const x = (i: number, length: number) => ((this.points - length + i) / (this.points - 1)) * width;
    const y = (value: number) => height - 1 - (value / max) * (height - 14);
    for (const each of this.series) {
      context.strokeStyle = color(each.color);
      context.lineWidth = 1.75;
      context.lineJoin = 'round';
      context.beginPath();
      let pen = false;
      each.values.forEach((value, i) => {
        if (Number.isNaN(value)) {
          pen = false;
        } else if (pen) {
          context.lineTo(x(i, each.values.length), y(value));
        } else {
          context.moveTo(x(i, each.values.length), y(value));
          pen = true;
        }
      });
      context.stroke();
    }
    if (this.hover !== null) {
      context.strokeStyle = color('--muted');
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(this.hover * width, 0);
      context.lineTo(this.hover * width, height);
      context.stroke();
    }
    this.caption();
  }

  private grid(context: CanvasRenderingContext2D, width: number, height: number, max: number): void {
    context.font = '11px system-ui, sans-serif';
    context.fillStyle = color('--muted');
    context.strokeStyle = color('--line');
    context.lineWidth = 1;
    for (const part of [0, 0.5, 1]) {
      const y = Math.round(height - 1 - part * (height - 14)) - 0.5;
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(width, y);
      context.stroke();
      if (part > 0) {
        context.fillText(this.format(max * part), 2, y - 3);
      }
    }
  }

  private caption(): void {
    const parts = this.series.map((each) => {
      const back = this.hover === null ? 0 : Math.round((1 - this.hover) * (this.points - 1));
      const value = each.values[each.values.length - 1 - back] ?? NaN;
      const part = document.createElement('span');
      part.style.setProperty('--who', `var(${each.color})`);
      part.textContent = `${each.name} ${Number.isNaN(value) ? '–' : this.format(value)}`;
      return part;
    });
    this.legend.replaceChildren(...parts);
  }
}
