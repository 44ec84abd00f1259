/** The original: one scanned page with the lines that were read on it, to be enlarged and turned. */
import { byId, svg } from "../dom.js";
import { word } from "../words.js";

const ZOOM_STEP = 1.25;
const ZOOM_MOST = 8;
/** A line that is looked at closely is at least so high on the screen, pixels. */
const LINE_HEIGHT_PX = 34;

export class Sheet {
  #page;
  #zoom = 1;
  #turn = 0;

  /** `onLine(index, firmly)` hears which line is pointed at, and whether it was chosen. */
  constructor(onLine) {
    const sheet = byId("sheet");
    const lineOf = ({ target }) => target.closest?.("[data-line]")?.dataset.line;
    sheet.addEventListener("pointerover", (event) => onLine(lineOf(event), false));
    sheet.addEventListener("pointerleave", () => onLine(undefined, false));
    sheet.addEventListener("click", (event) => lineOf(event) !== undefined && onLine(lineOf(event), true));
    byId("zoom-in").addEventListener("click", () => this.zoom(ZOOM_STEP));
    byId("zoom-out").addEventListener("click", () => this.zoom(1 / ZOOM_STEP));
    byId("zoom-fit").addEventListener("click", () => this.fit());
    byId("rotate").addEventListener("click", () => this.rotate());
    new ResizeObserver(() => this.#size()).observe(byId("sheet-view"));
  }

  /** Shows a page: `{ number, url, width, height, reading }`; `doubtful`: the lines to mark; `different`: other places, by number. */
  show(page, doubtful, different) {
    this.#page = page;
    this.#zoom = 1;
    this.#turn = 0;
    const { url, width, height, reading } = page;
    const line = ({ quad }, index) =>
      svg("polygon", {
        "data-line": index,
        class: doubtful.has(index) ? "doubtful" : undefined,
        points: points(quad),
      });
    const place = ([index, quad]) => svg("polygon", { "data-difference": index, class: "different", points: points(quad) });
    const lines = svg(
      "svg",
      { width, height, viewBox: `0 0 ${reading?.width_px ?? width} ${reading?.height_px ?? height}`, preserveAspectRatio: "none" },
      ...(reading?.lines ?? []).map(line),
      ...[...different].map(place),
    );
    byId("sheet").replaceChildren(svg("g", {}, svg("image", { href: url, width, height }), lines));
    this.draw();
  }

  /** Marks a line, or a "difference": `mark` is "near" (pointed at) or "chosen". */
  mark(index, mark, of = "line") {
    for (const marked of byId("sheet").querySelectorAll(`.${mark}`)) marked.classList.remove(mark);
    byId("sheet").querySelector(`[data-${of}="${index}"]`)?.classList.add(mark);
  }

  /** Enlarges a line, or a "difference", so that it can be read, and brings it to the middle. */
  approach(index, of = "line") {
    const line = byId("sheet").querySelector(`[data-${of}="${index}"]`);
    if (!line) return;
    const { width, height } = line.getBoundingClientRect();
    const { width: room } = byId("sheet-view").getBoundingClientRect();
    this.zoom(Math.max(1, Math.min(LINE_HEIGHT_PX / Math.min(width, height), (0.9 * room) / width)));
    line.scrollIntoView({ block: "center", inline: "center" });
  }

  zoom(by) {
    this.#zoom = Math.max(1, Math.min(ZOOM_MOST, this.#zoom * by));
    this.#size();
  }

  fit() {
    this.#zoom = 1;
    this.#size();
  }

  rotate() {
    this.#turn = (this.#turn + 90) % 360;
    this.draw();
  }

  clear() {
    this.#page = undefined;
    byId("sheet").replaceChildren();
  }

  draw() {
    if (!this.#page) return;
    const { width, height, number } = this.#page;
    const [x, y] = { 0: [0, 0], 90: [height, 0], 180: [width, height], 270: [0, width] }[this.#turn];
    byId("sheet").firstElementChild.setAttribute("transform", `translate(${x} ${y}) rotate(${this.#turn})`);
    byId("sheet").setAttribute("aria-label", word("pageAlt", number));
    byId("sheet").dataset.page = number;
    this.#size();
  }

  #size() {
    if (!this.#page) return;
    const sheet = byId("sheet");
    const { width, height } = this.#page;
    const [across, down] = this.#turn % 180 === 0 ? [width, height] : [height, width];
    const { clientWidth, clientHeight } = byId("sheet-view");
    const scale = Math.min(clientWidth / across, clientHeight / down) * this.#zoom;
    sheet.setAttribute("viewBox", `0 0 ${across} ${down}`);
    sheet.setAttribute("width", Math.floor(across * scale));
    sheet.setAttribute("height", Math.floor(down * scale));
  }
}

function points(quad) {
  return quad.map(({ x, y }) => `${x},${y}`).join(" ");
}
