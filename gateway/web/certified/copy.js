/** The finished copy in the citizen's hands: its number and code, the QR code on the second screen, paper, e-mail. */
import { byId } from "../dom.js";
import { sentenceOf, showError } from "../errors.js";
import { PrintStep, copyReceipt, printReceipt } from "../receipt.js";
import { inEachLanguage, word, wordOrName } from "../words.js";

/** What a print is to the citizen, by the state of its delivery (`DeliveryView`). */
const PHASES = { started: "printing", done: "printed", unknown: "unknown" };

export class CopyCard {
  #kiosk;
  #kinds = new Set();
  #case;
  #signer;
  /** The second screen shows what it is given. */
  #screen = false;
  /** What became of the mail, in words. */
  #mailed = () => "";
  #receipt;
  #paper;

  /** `onPaper(kind)` hears when paper came out of the printer of this kind. */
  constructor(kiosk, onPaper) {
    this.#kiosk = kiosk;
    const receipt = (onProgress) => printReceipt(kiosk, copyReceipt(this.#signer.agency, this.#case.copy), onProgress);
    this.#receipt = new PrintStep("copy-receipt", receipt, () => onPaper("receipt_printer"));
    const once = { printed: "copyPrinted", failed: "copyNotPrinted", unknown: "copyPrintUnknown" };
    this.#paper = new PrintStep("copy-print", (onProgress) => this.#print(onProgress), () => onPaper("page_printer"), once);
    byId("mail").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#mail();
    });
    inEachLanguage(() => this.#draw());
  }

  /** Paper is on its way: the citizen is waited for. */
  get isPrinting() {
    return this.#receipt.isRunning || this.#paper.isRunning;
  }

  /** A device as it is now. */
  update({ kind, state, capabilities }) {
    this.#kinds.add(kind);
    if (kind === "signer") this.#signer = capabilities ?? this.#signer;
    if (kind === "qr_display") this.#screen = state === "ready";
    this.#draw();
  }

  /** Shows a case's copy; its code goes on the second screen when it is new. */
  show(found) {
    const isNew = found.case !== this.#case?.case;
    this.#case = found;
    // Also one that was begun before a reload, or that an officer has settled.
    const prints = (found.deliveries ?? []).filter(({ channel, reprint }) => channel === "print" && !reprint);
    this.#paper.know(PHASES[prints.at(-1)?.state] ?? "idle");
    this.#draw();
    if (!isNew || !this.#screen) return;
    const { clearAfterS } = byId("certified-card").dataset;
    const options = { caption: word("qrCaption"), expiresS: Number(clearAfterS) };
    // The code stands on this screen, too: a second one that fails is no reason to stop.
    this.#kiosk.qrDisplay.show({ type: "text", text: found.copy.qr }, options).catch((error) => showError(byId("certified-error"), error));
  }

  /** Nothing of the copy is left here. */
  clear() {
    if (this.#case && this.#screen) this.#kiosk.qrDisplay.clear().catch(() => {});
    this.#case = undefined;
    this.#mailed = () => "";
    byId("mail-address").value = "";
    for (const print of [this.#receipt, this.#paper]) print.reset();
    this.#draw();
  }

  /** One print; what is printed again, or of which nobody knows whether it was, is an officer's matter. */
  async #print(onProgress) {
    const onJob = ({ phase, conditions }) => {
      const why = (conditions ?? []).map((each) => wordOrName("condition_", each)).join(", ");
      onProgress(undefined, phase === "stopped" ? () => word("copyPrinterStopped", why) : undefined);
    };
    await this.#kiosk.case.print(this.#case.case, { onProgress: onJob });
    return {};
  }

  async #mail() {
    const of = this.#case.case;
    byId("mail-button").disabled = true;
    try {
      await this.#kiosk.case.mail(of, byId("mail-address").value.trim());
      if (this.#case?.case === of) this.#mailed = () => word("mailQueued");
    } catch (error) {
      if (this.#case?.case === of) this.#mailed = () => sentenceOf(error);
    } finally {
      byId("mail-button").disabled = false;
      this.#draw();
    }
  }

  #draw() {
    const { copy } = this.#case ?? {};
    byId("copy-number").textContent = copy?.number ?? "";
    byId("copy-code").textContent = copy?.code ?? "";
    byId("copy-receipt-button").hidden = !this.#kinds.has("receipt_printer");
    byId("copy-print-button").hidden = !this.#kinds.has("page_printer");
    byId("mail").hidden = !this.#signer?.mail;
    byId("mail-told").textContent = this.#mailed();
  }
}
