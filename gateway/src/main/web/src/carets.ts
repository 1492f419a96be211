import { colorOf } from './people.js';

/** Where somebody else writes: before this character of the text. */
export interface Caret {
  readonly clientId: string;
  readonly name: string;
  readonly at: number;
}

/**
 * Others' carets over a text area. A text area does not tell where its characters are, so a copy of
 * its text, laid out alike and not to be seen, is measured.
 */
export class Carets {
  private readonly copy = document.createElement('div');
  private readonly shown = new Map<string, HTMLElement>();
  private carets: readonly Caret[] = [];

  /**
   * @param layer lies over the area, and is as large
   */
  constructor(
    private readonly area: HTMLTextAreaElement,
    private readonly layer: HTMLElement,
  ) {
    this.copy.className = 'copy';
    layer.append(this.copy);
    area.addEventListener('scroll', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(area);
  }

  show(carets: readonly Caret[]): void {
    this.carets = carets;
    this.draw();
  }

  private draw(): void {
    const left = new Set(this.shown.keys());
    for (const caret of this.carets) {
      left.delete(caret.clientId);
      this.place(caret);
    }
    for (const gone of left) {
      this.shown.get(gone)?.remove();
      this.shown.delete(gone);
    }
  }

  private place({ clientId, name, at }: Caret): void {
    let caret = this.shown.get(clientId);
    if (caret === undefined) {
      caret = document.createElement('div');
      caret.className = 'caret';
      caret.style.setProperty('--who', colorOf(clientId));
      caret.append(document.createElement('span'));
      this.layer.append(caret);
      this.shown.set(clientId, caret);
    }
    caret.firstElementChild!.textContent = name;
    const mark = document.createElement('span');
    mark.textContent = '\u200b';
    // Without the scroll bar, which takes room from the lines.
    this.copy.style.width = `${this.area.clientWidth}px`;
    this.copy.replaceChildren(this.area.value.slice(0, at), mark, this.area.value.slice(at));
    caret.style.left = `${this.area.clientLeft + mark.offsetLeft}px`;
    caret.style.top = `${this.area.clientTop + mark.offsetTop - this.area.scrollTop}px`;
    caret.style.height = `${mark.offsetHeight}px`;
  }
}
