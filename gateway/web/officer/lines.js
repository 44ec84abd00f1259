/** The reading beside the original: the lines of one page, of which one can be chosen. */
import { byId, h } from "../dom.js";
import { markedWords } from "../reading.js";
import { inEachLanguage, number, word } from "../words.js";

export class Lines {
  #chosen;
  /** The page that is shown: its lines and which of them are doubtful. */
  #shown = [];

  /** `onLine(index, firmly)` as in `Sheet`. */
  constructor(onLine) {
    const list = byId("lines");
    const lineOf = ({ target }) => target.closest("[data-line]")?.dataset.line;
    list.addEventListener("pointerover", (event) => onLine(lineOf(event), false));
    list.addEventListener("pointerleave", () => onLine(undefined, false));
    list.addEventListener("click", (event) => lineOf(event) !== undefined && onLine(lineOf(event), true));
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step === undefined || list.children.length === 0) return;
      event.preventDefault();
      const to = this.#chosen === undefined ? 0 : Number(this.#chosen) + step;
      onLine(Math.max(0, Math.min(list.children.length - 1, to)), true);
    });
    inEachLanguage(() => this.#draw());
  }

  /** Shows a page's lines; `doubtful`: the confidence of those that are to be looked at. */
  show({ reading }, doubtful) {
    this.#shown = [reading, doubtful];
    this.#chosen = undefined;
    this.#draw();
  }

  #draw() {
    const [reading, doubtful] = this.#shown;
    const line = (each, index) =>
      h(
        "li",
        { id: `line-${index}`, role: "option", "data-line": index, "aria-selected": "false", class: doubtful.has(index) ? "doubtful" : undefined },
        h("span", {}, ...markedWords(each)),
        doubtful.has(index) && h("small", {}, `⚠ ${word("unsure", number(doubtful.get(index) * 100))}`),
      );
    byId("lines").replaceChildren(...(reading?.lines ?? []).map(line));
    byId("lines").removeAttribute("aria-activedescendant");
    byId("lines").hidden = byId("lines").children.length === 0;
    byId("lines-empty").hidden = !reading || !byId("lines").hidden;
    if (this.#chosen !== undefined) this.mark(this.#chosen, "chosen");
  }

  /** Marks a line, as in `Sheet`; a chosen one is brought into view. */
  mark(index, mark) {
    for (const marked of byId("lines").querySelectorAll(`.${mark}`)) marked.classList.remove(mark);
    const line = byId("lines").querySelector(`[data-line="${index}"]`);
    line?.classList.add(mark);
    if (mark !== "chosen") return;
    for (const each of byId("lines").children) each.setAttribute("aria-selected", String(each === line));
    this.#chosen = line ? index : undefined;
    if (line) byId("lines").setAttribute("aria-activedescendant", line.id);
    line?.scrollIntoView({ block: "nearest" });
  }

  clear() {
    this.show({}, new Map());
  }
}
