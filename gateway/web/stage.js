/** The middle of the page: scanned pages, the text that was read on them, the receipt's paper. */
import { byId, h } from "./dom.js";
import { drawReading, drawText } from "./reading.js";
import { inEachLanguage, word } from "./words.js";

const TABS = ["page", "text", "paper"];

/** One scanned page. */
class Page {
  /** Its image, when it is complete. */
  image;
  /** With how many dots per inch it was scanned, once the scan has ended. */
  resolutionDpi;
  /** What was read on it (`DocumentText`). */
  text;
  /** How the reading goes: `{stage, done, total}`. */
  reading;
  /** Why it could not be read. */
  error;
  /** How long the reading took, milliseconds. */
  tookMs;
  #url;
  #decoding = false;
  #changed;

  constructor(number, blob, changed) {
    this.number = number;
    this.blob = blob;
    this.#changed = changed;
  }

  /** The address of what can be shown of it so far. */
  get url() {
    return this.#url;
  }

  /** Shows what is there of a page that still grows. */
  async preview(part) {
    if (this.#decoding || this.image) return;
    this.#decoding = true;
    const url = URL.createObjectURL(part);
    const trial = new Image();
    trial.src = url;
    // The browser shows the part of a picture that is there; one of which nothing can be shown yet fails.
    const shown = await trial.decode().then(() => true, () => false);
    this.#decoding = false;
    if (shown && !this.image) this.#show(url);
    else URL.revokeObjectURL(url);
  }

  /** The whole image is there. */
  finish(image) {
    this.image = image;
    this.#show(URL.createObjectURL(image));
  }

  /** Something about the reading changed. */
  set(change) {
    Object.assign(this, change);
    this.#changed(this);
  }

  /** Forgets the image. */
  forget() {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = undefined;
  }

  #show(url) {
    this.forget();
    this.#url = url;
    this.#changed(this);
  }
}

export class Stage {
  #pages = [];
  #current;
  #onCurrent;

  /** `onCurrent(page)` hears which page is shown, and of each change of it. */
  constructor(onCurrent) {
    this.#onCurrent = onCurrent;
    for (const tab of TABS) byId(`tab-${tab}`).addEventListener("click", () => this.open(tab));
    byId("reading-toggle").addEventListener("change", ({ target }) => {
      byId("page-reading").dataset.shown = String(target.checked);
    });
    this.open("page");
    inEachLanguage(() => this.#draw());
  }

  /** Opens a tab: "page", "text" or "paper". */
  open(wanted) {
    for (const tab of TABS) {
      byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === wanted));
      byId(`view-${tab}`).hidden = tab !== wanted;
    }
    byId("reading-switch").hidden = wanted !== "page";
    byId("reading-status").hidden = wanted === "paper";
  }

  /** A page that begins to arrive; it is shown at once. */
  add(number, blob) {
    const page = new Page(number, blob, (changed) => this.#draw(changed));
    this.#pages.push(page);
    this.#current = page;
    this.open("page");
    this.#draw();
    return page;
  }

  /** The page of this blob. */
  find(blob) {
    return this.#pages.find((page) => page.blob === blob);
  }

  /** The pages that are complete, in their order. */
  get complete() {
    return this.#pages.filter((page) => page.image);
  }

  /** Forgets all pages. */
  clear() {
    for (const page of this.#pages) page.forget();
    this.#pages = [];
    this.#current = undefined;
    this.#draw();
  }

  /** Forgets pages of which only a part came. */
  dropIncomplete() {
    for (const page of this.#pages) if (!page.image) page.forget();
    this.#pages = this.#pages.filter((page) => page.image);
    if (!this.#pages.includes(this.#current)) this.#current = this.#pages.at(-1);
    this.#draw();
  }

  #draw(changed) {
    this.#drawList();
    if (changed && changed !== this.#current) return;
    const page = this.#current;
    const image = byId("page-image");
    byId("page-sheet").hidden = !page?.url;
    byId("page-empty").hidden = Boolean(page?.url);
    if (page?.url && image.src !== page.url) image.src = page.url;
    if (!page?.url) image.removeAttribute("src");
    image.alt = page ? word("pageAlt", page.number) : "";
    Object.assign(image.dataset, { complete: Boolean(page?.image), page: page?.number ?? "", bytes: page?.image?.size ?? 0 });
    drawReading(byId("page-reading"), page?.text);
    drawText(byId("page-text"), byId("text-empty"), page?.text);
    this.#onCurrent(page);
  }

  #drawList() {
    const list = byId("page-list");
    list.hidden = this.#pages.length < 2;
    list.replaceChildren(
      ...this.#pages.map((page) =>
        h("li", {}, h(
          "button",
          {
            type: "button",
            "data-testid": "page-button",
            "data-page": page.number,
            "aria-pressed": String(page === this.#current),
            onclick: () => {
              this.#current = page;
              this.#draw();
            },
          },
          word("page", page.number),
        )),
      ),
    );
  }
}
