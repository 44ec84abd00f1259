/** Step 2: print the receipt. A print counts as done only when the printer has confirmed it; otherwise a person is asked. */
import { byId, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import { inEachLanguage, language, number, word } from "./words.js";

const CLOCK = { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" };
const CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

export class PrintStep {
  #kiosk;
  #pageCount;
  #onPrinted;
  #error;
  #state = { phase: "idle", fraction: undefined, lengthMm: 0 };

  /** `pageCount()` tells how many pages were scanned; `onPrinted()` hears when paper came out or may have. */
  constructor(kiosk, pageCount, onPrinted) {
    this.#kiosk = kiosk;
    this.#pageCount = pageCount;
    this.#onPrinted = onPrinted;
    byId("print-button").addEventListener("click", () => this.#print());
    byId("print-again").addEventListener("click", () => this.#print());
    byId("print-seen").addEventListener("click", () => {
      this.#error = undefined;
      this.#set({ phase: "seen" });
    });
    inEachLanguage(() => this.#draw());
  }

  async #print() {
    this.#error = undefined;
    this.#set({ phase: "waiting", fraction: undefined });
    try {
      const report = await this.#kiosk.receiptPrinter.print(receipt(this.#pageCount()), {
        onProgress: ({ sent_bytes: sent, total_bytes: total }) =>
          this.#set({ phase: "printing", fraction: total > 0 ? sent / total : undefined }),
      });
      this.#set({ phase: "printed", lengthMm: report.length_mm });
    } catch (error) {
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
      printing: () => word("printSending", number((fraction ?? 0) * 100)),
      printed: () => word("printDone", lengthMm),
    }[phase]?.();
    const box = byId("print-progress");
    box.dataset.phase = phase;
    showProgress(box, { text, running, fraction, tone: phase === "printed" ? "good" : "plain" });
    byId("print-button").disabled = running || phase === "unknown";
    byId("print-question").hidden = phase !== "unknown";
    showError(byId("print-error"), this.#error);
  }
}

/** The receipt in the citizen's language. */
function receipt(pages) {
  const code = verificationCode();
  const now = new Date().toLocaleString(language() === "vi" ? "vi-VN" : "en-GB", CLOCK);
  const say = language() === "vi"
    ? { office: "UBND PHƯỜNG MINH HỌA", title: "BIÊN NHẬN SỐ HÓA GIẤY TỜ", time: "Thời gian", pages: "Số trang đã quét", code: "Mã xác minh", scan: "Quét mã để kiểm tra", bye: "Xin cảm ơn. Đây là bản minh họa, không có giá trị pháp lý." }
    : { office: "SAMPLE WARD OFFICE", title: "RECEIPT OF SCANNED PAPERS", time: "Time", pages: "Pages scanned", code: "Verification code", scan: "Scan to verify", bye: "Thank you. This is a demonstration without legal value." };
  return {
    elements: [
      { type: "text", text: say.office, align: "center" },
      { type: "text", text: say.title, align: "center", size: "large", weight: "bold" },
      { type: "rule", style: "double" },
      { type: "columns", left: say.time, right: now },
      { type: "columns", left: say.pages, right: String(pages), weight: "bold" },
      { type: "columns", left: say.code, right: code },
      { type: "rule", style: "dashed" },
      { type: "qr", data: `https://kiosk.example/verify/${code}`, width_mm: 35 },
      { type: "text", text: say.scan, align: "center", size: "small" },
      { type: "space", height_mm: 3 },
      { type: "text", text: say.bye, align: "center", size: "small" },
    ],
    cut: "partial",
  };
}

/** An invented code, such as `DEMO-7F3K-92QD`. */
function verificationCode() {
  const letters = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => CODE_LETTERS[byte % CODE_LETTERS.length]);
  return `DEMO-${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}
