/** What the officer should look at more closely before he certifies: each must have been opened once. */
import { byId, h } from "../dom.js";
import { number, word } from "../words.js";

export class Doubts {
  #doubts = [];
  #opened = new Set();
  #open;
  #onSeen;
  #quote;

  /** `open(doubt)` shows it, if it can be shown yet; `onSeen()` hears that one was opened. */
  constructor(open, onSeen) {
    this.#open = open;
    this.#onSeen = onSeen;
    byId("doubt-next").addEventListener("click", () => this.next());
  }

  /** Those of another case; `quote(doubt)` gives the text of its line. */
  show(doubts, quote) {
    this.#doubts = doubts;
    this.#quote = quote;
    this.#opened.clear();
    this.draw();
  }

  /** How many nobody has opened. */
  get left() {
    return this.#doubts.length - this.#opened.size;
  }

  /** The doubtful lines of a page: index and confidence. */
  linesOf(page) {
    const here = this.#doubts.filter((doubt) => doubt.kind === "line" && doubt.page === page);
    return new Map(here.map(({ line, confidence }) => [line, confidence]));
  }

  /** Opens the first that nobody has opened, or goes round those that are. */
  next() {
    const waiting = this.#doubts.findIndex((_, index) => !this.#opened.has(index));
    if (waiting >= 0) return this.#show(waiting);
    const last = [...this.#opened].at(-1);
    if (last !== undefined) this.#show((last + 1) % this.#doubts.length);
  }

  /** The line was looked at without this list. */
  seen(page, line) {
    const index = this.#doubts.findIndex((doubt) => doubt.kind === "line" && doubt.page === page && doubt.line === line);
    if (index >= 0) this.#note(index);
  }

  clear() {
    this.show([], () => undefined);
  }

  draw() {
    byId("doubts-card").hidden = this.#doubts.length === 0;
    byId("doubts-card").dataset.left = this.left;
    byId("doubts-heading").textContent = word("doubtsTitle", this.#doubts.length - this.left, this.#doubts.length);
    const row = (doubt, index) => {
      const opened = this.#opened.has(index);
      const quoted = this.#quote(doubt);
      const sign = h("span", { class: "mark", role: "img", "aria-label": word(opened ? "doubtSeen" : "doubtUnseen") }, opened ? "✓" : "⚠");
      const text = h("span", {}, wordsOf(doubt), quoted && h("q", { "data-kind": doubt.kind }, quoted));
      return h("li", {}, h("button", { type: "button", "data-opened": String(opened), onclick: () => this.#show(index) }, sign, text));
    };
    const list = byId("doubts");
    const focused = [...list.children].findIndex((each) => each.contains(document.activeElement));
    list.replaceChildren(...this.#doubts.map(row));
    list.children[focused]?.firstElementChild.focus();
  }

  #show(index) {
    if (!this.#open(this.#doubts[index])) return;
    this.#note(index);
    byId("doubts").children[index].firstElementChild.scrollIntoView({ block: "nearest" });
  }

  #note(index) {
    // The last one that was opened stands last.
    this.#opened.delete(index);
    this.#opened.add(index);
    this.#onSeen();
  }
}

function wordsOf({ kind, page, line, confidence }) {
  if (kind === "line") return word("doubt_line", page, line + 1, number(confidence * 100));
  return word(`doubt_${kind}`, page);
}
