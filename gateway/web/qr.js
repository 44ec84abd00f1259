/** The second screen: opens it, shows a code on it, clears it. */
import { byId } from "./dom.js";
import { showError } from "./errors.js";
import { word } from "./words.js";

/** What is shown: the verification code of the demo's copy. */
const CODE = "https://kiosk.example.vn/verify?code=DEMO-0990-0001";

export class QrCard {
  #kiosk;
  #device;

  constructor(kiosk) {
    this.#kiosk = kiosk;
    const show = () => kiosk.qrDisplay.show({ type: "text", text: CODE }, { caption: word("qrCaption"), device: this.#device });
    byId("qr-show").addEventListener("click", () => this.#run(show));
    byId("qr-clear").addEventListener("click", () => this.#run(() => this.#kiosk.qrDisplay.clear({ device: this.#device })));
  }

  /** A device as it is now. */
  update({ device, kind, status, state }) {
    if (kind !== "qr_display") return;
    this.#device ??= device;
    const card = byId("qr-card");
    card.hidden = false;
    card.dataset.showing = String(state === "ready" && Boolean(status?.showing));
    byId("qr-open").href = `/screen.html?device=${encodeURIComponent(device)}`;
  }

  async #run(work) {
    showError(byId("qr-error"));
    try {
      await work();
    } catch (error) {
      showError(byId("qr-error"), error);
    }
  }
}
