/**
 * The files of one case, fetched from the gateway, which need not keep them any longer then. They live in this page's memory
 * until the officer leaves the case.
 */
export class Pages {
  /** `{ number, url, width, height, reading, second, shown }` for each page that is here, in order; `second`: its second scan. */
  list = [];
  /** The address of the copy as it will be. */
  preview;
  #kiosk;
  #stop = new AbortController();
  #urls = [];
  #tabs = [];
  /** Files that the gateway still keeps for this page. */
  #kept = new Set();

  constructor(kiosk) {
    this.#kiosk = kiosk;
  }

  /** Fetches all files of an `approval.case` reply; `onPage()` hears of each page that is here. */
  async load({ pages, readings, preview, second }, onPage) {
    const files = [...pages, ...readings, preview, ...(second?.pages ?? []), ...(second?.readings ?? [])];
    for (const file of files) if (file) this.#kept.add(file.blob);
    if (this.#stop.signal.aborted) return this.forget();
    for (const index of pages.keys()) {
      const page = await this.#page(index, { pages, readings });
      const again = second && (await this.#page(index, second));
      this.list.push({ ...page, second: again, shown: false });
      onPage();
    }
    if (preview) this.preview = this.#url(await this.#fetch(preview));
    this.#stop.signal.throwIfAborted();
  }

  /** Opens the copy as it will be in a tab of its own, which is closed when the officer leaves the case. */
  openPreview() {
    this.#tabs.push(window.open(this.preview, "_blank"));
  }

  /** Nothing is left of them, neither here nor in the gateway. */
  forget() {
    this.#stop.abort();
    for (const blob of this.#kept) this.#release(blob);
    for (const tab of this.#tabs) tab?.close();
    this.#tabs = [];
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.list = [];
    this.#urls = [];
    this.preview = undefined;
  }

  /** One page of a scan, with what was read on it. */
  async #page(index, { pages, readings }) {
    const [image, reading] = await Promise.all([this.#fetch(pages[index]), readings[index] && this.#fetch(readings[index])]);
    const url = this.#url(image);
    const { width, height } = await sizeOf(url);
    const text = reading && JSON.parse(await reading.text());
    this.#stop.signal.throwIfAborted();
    return { number: index + 1, url, width, height, reading: text };
  }

  async #fetch({ blob, media_type: type }) {
    try {
      const file = await this.#kiosk.blob(blob, { signal: this.#stop.signal });
      return new Blob([file], { type });
    } finally {
      this.#release(blob);
    }
  }

  /** What fails here, the end of the session does. */
  #release(blob) {
    if (this.#kept.delete(blob)) this.#kiosk.release(blob).catch(() => {});
  }

  #url(blob) {
    this.#stop.signal.throwIfAborted();
    const url = URL.createObjectURL(blob);
    this.#urls.push(url);
    return url;
  }
}

async function sizeOf(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return { width: image.naturalWidth, height: image.naturalHeight };
}
