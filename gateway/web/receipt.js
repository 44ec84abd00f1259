/** Prints. A print counts as done only when the printer has confirmed it; otherwise a person is asked. */
import { byId, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import { inEachLanguage, language, number, word } from "./words.js";

const CLOCK = { timeZone: "Asia/Ho_Chi_Minh", day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" };
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
  #error;
  #runs = 0;
  #state = { phase: "idle", fraction: undefined, lengthMm: undefined };

  /** `print(onProgress)` prints and tells which part is done, if that is known; `onPrinted()` hears when paper came out or may have. */
  constructor(name, print, onPrinted = () => {}) {
    this.#name = name;
    this.#print = print;
    this.#onPrinted = onPrinted;
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
    this.#error = undefined;
    this.#set({ phase: "idle" });
  }

  get #asks() {
    return document.getElementById(`${this.#name}-question`) !== null;
  }

  #part(part) {
    return byId(`${this.#name}-${part}`);
  }

  async #run() {
    const run = ++this.#runs;
    this.#error = undefined;
    this.#set({ phase: "waiting", fraction: undefined });
    try {
      const report = await this.#print((fraction) => run === this.#runs && this.#set({ phase: "printing", fraction }));
      if (run !== this.#runs) return;
      this.#set({ phase: "printed", lengthMm: report.length_mm });
    } catch (error) {
      if (run !== this.#runs) return;
      this.#error = error;
      // What nobody can tell is asked: a second receipt must not come out unnoticed.
      const unknown = error.outcome === "unknown" || (error.outcome === undefined && error.retry === "unknown");
      this.#set({ phase: unknown ? "unknown" : "failed" });
    }
    if (this.#state.phase !== "failed") this.#onPrinted();
  }

  #set(change) {
    Object.assign(this.#state, change);
    this.#draw();
  }

  #draw() {
    const { phase, fraction, lengthMm } = this.#state;
    const running = phase === "waiting" || phase === "printing";
    const text = {
      waiting: () => word("printWaiting"),
      printing: () => (fraction === undefined ? word("printing") : word("printSending", number(fraction * 100))),
      printed: () => (lengthMm ? word("printDone", lengthMm) : word("printDonePages")),
    }[phase]?.();
    const box = this.#part("progress");
    box.dataset.phase = phase;
    showProgress(box, { text, running, fraction, tone: phase === "printed" ? "good" : "plain" });
    this.#part("button").disabled = running || phase === "unknown";
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
  const now = new Date().toLocaleString(language() === "vi" ? "vi-VN" : "en-GB", CLOCK);
  const say = language() === "vi"
    ? { office: "UBND PHƯỜNG MINH HỌA", title: entry ? "BIÊN NHẬN BẢN SAO" : "BIÊN NHẬN SỐ HÓA GIẤY TỜ", time: "Thời gian", pages: "Số trang đã quét", entry: "Số chứng thực", code: "Mã xác minh", scan: "Quét mã để kiểm tra", bye: "Xin cảm ơn. Đây là bản minh họa, không có giá trị pháp lý." }
    : { office: "SAMPLE WARD OFFICE", title: entry ? "RECEIPT OF A CERTIFIED COPY" : "RECEIPT OF SCANNED PAPERS", time: "Time", pages: "Pages scanned", entry: "Number", code: "Verification code", scan: "Scan to verify", bye: "Thank you. This is a demonstration without legal value." };
  return {
    elements: [
      { type: "text", text: agency ?? say.office, align: "center" },
      { type: "text", text: say.title, align: "center", size: "large", weight: "bold" },
      { type: "rule", style: "double" },
      { type: "columns", left: say.time, right: now },
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
