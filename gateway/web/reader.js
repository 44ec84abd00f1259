/** Has complete pages read, one after the other, and shows how far the reading is. */
import { byId, h, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import { unsureWords } from "./reading.js";
import { inSeconds, word } from "./words.js";

export class Reader {
  #kiosk;
  #queue = Promise.resolve();
  #abort = new AbortController();

  constructor(kiosk) {
    this.#kiosk = kiosk;
  }

  /** Reads the page when those before it have been read. */
  read(page) {
    page.set({ reading: { stage: "waiting", done: 0, total: 0 }, error: undefined, text: undefined });
    const { signal } = this.#abort;
    this.#queue = this.#queue.then(() => this.#readNow(page, signal));
  }

  /** Fulfils when all pages that wait now have been read, or could not be. */
  get finished() {
    return this.#queue;
  }

  /** Gives up what is being read and what waits: nobody needs those pages any more. */
  stop() {
    this.#abort.abort();
    this.#abort = new AbortController();
  }

  async #readNow(page, signal) {
    const begun = performance.now();
    try {
      const text = await this.#kiosk.ocr.read(page.blob, { signal, onProgress: (reading) => page.set({ reading }) });
      page.set({ text, tookMs: performance.now() - begun });
    } catch (error) {
      page.set({ error });
    }
  }

  /** Shows the state of the page that is on the stage. */
  draw(page) {
    const box = byId("reading-progress");
    const { stage, done, total } = stateOf(page);
    Object.assign(box.dataset, { stage, done, total });
    if (stage === "done") {
      const text = word("readingDone", page.text.lines.length, inSeconds(page.tookMs), unsureWords(page.text));
      showProgress(box, { text, tone: "good" });
    } else if (stage === "idle" || stage === "failed") {
      showProgress(box, {});
    } else {
      const fraction = stage === "recognising" && total > 0 ? done / total : undefined;
      showProgress(box, { text: word(`reading_${stage}`, Math.min(done + 1, total), total), running: true, fraction });
    }
    const again = page?.error && h("button", { type: "button", id: "read-again", onclick: () => this.read(page) }, word("readAgain"));
    showError(byId("reading-error"), page?.error, ...(again ? [again] : []));
  }
}

function stateOf(page) {
  if (!page?.reading) return { stage: "idle", done: 0, total: 0 };
  if (page.error) return { ...page.reading, stage: "failed" };
  if (page.text) return { stage: "done", done: page.text.lines.length, total: page.text.lines.length };
  return page.reading;
}
