/** Prints. A print counts as done only when the printer has confirmed it; otherwise a person is asked. */
import { byId, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import { inEachLanguage, language, moment, number, word } from "./words.js";

const CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/**
 * One thing to print: a button, its progress, its error and, if nobody can tell whether paper came out, a question. Their ids
 * begin with a name of their own: `NAME-button`, `NAME-progress`, `NAME-error`, and `NAME-question`, `NAME-seen`, `NAME-again` where
 * the citizen may have it printed again.
 */
export class PrintStep {
  #name;
  #print;
  #onPrinted;
  #once;
  #error;
  #runs = 0;
  /** One that was begun here has no end yet. */
  #begun = false;
  #state = { phase: "idle", fraction: undefined, note: undefined, lengthMm: undefined };

  /**
   * `print(onProgress)` prints and calls `onProgress(fraction, note)`: which part is done, if that is known, and a function for what
   * else is to be said; `onPrinted()` hears when paper came out or may have. `once`, of what is printed once and else by the staff:
   * the words for `{ printed, failed, unknown }`.
   */
  constructor(name, print, onPrinted, once) {
    this.#name = name;
    this.#print = print;
    this.#onPrinted = onPrinted;
    this.#once = once;
    this.#part("button").addEventListener("click", () => this.#run());
    if (this.#asks) {
      this.#part("again").addEventListener("click", () => this.#run());
      this.#part("seen").addEventListener("click", () => {
        this.#error = undefined;
        this.#set({ phase: "seen" });
      });
    }
    inEachLanguage(() => this.#draw());
  }

  /** As if nothing had been printed; what is still being printed is passed over. */
  reset() {
    this.#runs++;
    this.#begun = false;
    this.#error = undefined;
    this.#set({ phase: "idle" });
  }

  /** The phase as others know it; of what was begun here, this page knows more. */
  know(phase) {
    if (this.#begun || phase === this.#state.phase || (phase === "idle" && this.#state.phase === "failed")) return;
    this.#error = undefined;
    this.#set({ phase, fraction: undefined, note: undefined, lengthMm: undefined });
  }

  /** It has been begun here and has no end yet. */
  get isRunning() {
    return this.#begun;
  }

  get #asks() {
    return this.#once === undefined;
  }

  #part(part) {
    return byId(`${this.#name}-${part}`);
  }

  async #run() {
    const run = ++this.#runs;
    this.#begun = true;
    this.#error = undefined;
    this.#set({ phase: "waiting", fraction: undefined, note: undefined });
    try {
      const report = await this.#print((fraction, note) => run === this.#runs && this.#set({ phase: "printing", fraction, note }));
      if (run !== this.#runs) return;
      this.#begun = false;
      this.#set({ phase: "printed", lengthMm: report.length_mm });
    } catch (error) {
      if (run !== this.#runs) return;
      this.#begun = false;
      // There is paper, whatever failed after that.
      const printed = error.outcome === "printed";
      this.#error = printed ? undefined : error;
      // What nobody can tell is asked: a second receipt must not come out unnoticed.
      const unknown = error.outcome === "unknown" || (error.outcome === undefined && error.retry === "unknown");
      this.#set({ phase: printed ? "printed" : unknown ? "unknown" : "failed" });
    }
    if (this.#state.phase !== "failed") this.#onPrinted();
  }

  #set(change) {
    Object.assign(this.#state, change);
    this.#draw();
  }

  #draw() {
    const { phase, fraction, note, lengthMm } = this.#state;
    const once = this.#once?.[phase];
    const running = phase === "waiting" || phase === "printing";
    const text = {
      waiting: () => word("printWaiting"),
      printing: () => note?.() ?? (fraction === undefined ? word("printing") : word("printSending", number(fraction * 100))),
      printed: () => (lengthMm ? word("printDone", lengthMm) : word("printDonePages")),
    }[phase];
    const box = this.#part("progress");
    box.dataset.phase = phase;
    const tone = phase === "printed" ? "good" : "plain";
    showProgress(box, { text: once ? word(once) : text?.(), running, fraction, tone });
    this.#part("button").disabled = running || phase === "unknown" || (phase === "printed" && once !== undefined);
    if (this.#asks) this.#part("question").hidden = phase !== "unknown";
    showError(this.#part("error"), this.#error);
  }
}

/** The receipt of a scan, in the citizen's language. */
export function scanReceipt(pages) {
  const code = inventedCode();
  return receipt({ pages, code, qr: `https://kiosk.example/verify/${code}`, qrMm: 35 });
}

/** The receipt of a certified copy (`CopyView`) of this agency. Who has the code can look the copy up. */
export function copyReceipt(agency, { pages, code, qr, number: entry }) {
  return receipt({ agency, pages, code, qr, qrMm: 50, entry });
}

function receipt({ agency, pages, code, qr, qrMm, entry }) {
  const say = language() === "vi"
    ? { office: "UBND PHƯỜNG MINH HỌA", title: entry ? "BIÊN NHẬN BẢN SAO" : "BIÊN NHẬN SỐ HÓA GIẤY TỜ", time: "Thời gian", pages: "Số trang đã quét", entry: "Số chứng thực", code: "Mã tra cứu", scan: "Quét mã để tra cứu", bye: "Xin cảm ơn. Đây là bản minh họa, không có giá trị pháp lý." }
    : { office: "SAMPLE WARD OFFICE", title: entry ? "RECEIPT OF A CERTIFIED COPY" : "RECEIPT OF SCANNED PAPERS", time: "Time", pages: "Pages scanned", entry: "Number", code: "Verification code", scan: "Scan to verify", bye: "Thank you. This is a demonstration without legal value." };
  return {
    elements: [
      { type: "text", text: agency ?? say.office, align: "center" },
      { type: "text", text: say.title, align: "center", size: "large", weight: "bold" },
      { type: "rule", style: "double" },
      { type: "columns", left: say.time, right: moment(Date.now()) },
      { type: "columns", left: say.pages, right: String(pages), weight: "bold" },
      ...(entry ? [{ type: "columns", left: say.entry, right: entry, weight: "bold" }] : []),
      { type: "columns", left: say.code, right: code },
      { type: "rule", style: "dashed" },
      { type: "qr", data: qr, width_mm: qrMm },
      { type: "text", text: say.scan, align: "center", size: "small" },
      { type: "space", height_mm: 3 },
      { type: "text", text: say.bye, align: "center", size: "small" },
    ],
    cut: "partial",
  };
}

/** Prints a receipt for a `PrintStep`. */
export function printReceipt(kiosk, template, onProgress) {
  const onSent = ({ sent_bytes: sent, total_bytes: total }) => onProgress(total > 0 ? sent / total : undefined);
  return kiosk.receiptPrinter.print(template, { onProgress: onSent });
}

/** An invented code, such as `DEMO-7F3K-92QD`. */
function inventedCode() {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => CODE_LETTERS[byte % CODE_LETTERS.length]);
  return `DEMO-${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}
