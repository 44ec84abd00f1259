/** Step 1: scan. Shows each page while its bytes arrive, and has complete pages read. */
import { byId, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import { inEachLanguage, inSeconds, size, word } from "./words.js";

/** Drawing a half-sent page costs the browser a decoding of all of it: not more often than this. */
const PREVIEW_EVERY_MS = 400;
/** Why a scan was given up: nothing of it is to be shown. */
const FORGOTTEN = "forgotten";

export class ScanStep {
  #kiosk;
  #stage;
  #reader;
  #abort;
  #error;
  #state = { phase: "idle", page: 0, bytes: 0, done: 0, tookMs: 0 };

  /** `stage` shows the pages, `reader` reads them. */
  constructor(kiosk, stage, reader) {
    this.#kiosk = kiosk;
    this.#stage = stage;
    this.#reader = reader;
    byId("scan-button").addEventListener("click", () => this.#scan());
    byId("scan-cancel").addEventListener("click", () => this.#abort?.abort());
    inEachLanguage(() => this.#draw());
  }

  /** Nothing of what was scanned is left here, nor of what is still being scanned when it comes. */
  forget() {
    this.#abort?.abort(FORGOTTEN);
    this.#clear();
    if (!this.#abort) this.#set({ phase: "idle", page: 0, bytes: 0, done: 0 });
  }

  #clear() {
    this.#error = undefined;
    this.#reader.stop();
    this.#stage.clear();
  }

  async #scan() {
    const source = document.querySelector("input[name=source]:checked").value;
    this.#abort = new AbortController();
    this.#clear();
    this.#set({ phase: "waiting", page: 0, bytes: 0, done: 0 });
    const begun = performance.now();
    const images = new Map();
    try {
      const report = await this.#kiosk.scanner.scan(
        { source, resolution_dpi: 300 },
        {
          signal: this.#abort.signal,
          onPageStarted: (started) => {
            const page = this.#stage.add(started.page, started.blob);
            const receiving = this.#receive(page, started.media_type);
            // It may break off long before the scan ends and somebody asks how it went.
            receiving.catch(() => {});
            images.set(started.blob, receiving);
          },
        },
      );
      await Promise.all(report.pages.map((scanned) => this.#complete(scanned, images.get(scanned.blob))));
      this.#set({ phase: "done", done: report.pages.length, tookMs: performance.now() - begun });
    } catch (error) {
      // What somebody asked for is no error.
      const cancelled = error.code === "cancelled";
      this.#error = cancelled ? undefined : error;
      this.#set({ phase: cancelled ? "cancelled" : "failed" });
    }
    // The images of pages that will not become complete end with an error of their own; the scan's error says why.
    await Promise.allSettled(images.values());
    if (this.#abort.signal.reason === FORGOTTEN) this.#clear();
    else this.#stage.dropIncomplete();
    this.#abort = undefined;
    this.#draw();
  }

  /** Collects a page's bytes while it grows; gives the whole image. */
  async #receive(page, mediaType) {
    const chunks = [];
    let bytes = 0;
    let drawnAt = performance.now();
    for await (const chunk of chunksOf(await this.#kiosk.blobStream(page.blob))) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      this.#set({ phase: "receiving", page: page.number, bytes });
      if (performance.now() - drawnAt > PREVIEW_EVERY_MS) {
        drawnAt = performance.now();
        page.preview(new Blob(chunks, { type: mediaType }));
      }
    }
    const image = new Blob(chunks, { type: mediaType });
    page.finish(image);
    this.#reader.read(page);
    return image;
  }

  /** Makes sure that the page's image is the whole blob. */
  async #complete(scanned, receiving) {
    const received = await receiving?.catch(() => undefined);
    const page = this.#stage.find(scanned.blob) ?? this.#stage.add(scanned.page, scanned.blob);
    page.resolutionDpi = scanned.resolution_dpi;
    if (received?.size === scanned.bytes) return;
    page.finish(await this.#kiosk.blob(scanned.blob));
    this.#reader.read(page);
  }

  #set(change) {
    Object.assign(this.#state, change);
    this.#draw();
  }

  #draw() {
    const { phase, page, bytes, done, tookMs } = this.#state;
    const running = this.#abort !== undefined;
    const text = {
      waiting: () => word("scanWaiting"),
      receiving: () => word("scanReceiving", page, size(bytes)),
      done: () => word("scanDone", done, inSeconds(tookMs)),
      cancelled: () => word("scanCancelled"),
    }[phase]?.();
    const box = byId("scan-progress");
    Object.assign(box.dataset, { phase, bytes, pages: done });
    showProgress(box, { text, running, tone: phase === "done" ? "good" : "plain" });
    byId("scan-button").disabled = running;
    byId("scan-button").hidden = running;
    byId("scan-cancel").hidden = !running;
    showError(byId("scan-error"), this.#error);
  }
}

/** The chunks of a stream; not every browser can iterate over one by itself. */
async function* chunksOf(stream) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
