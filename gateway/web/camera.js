/** The camera: what it sees while somebody wants to see it, and a picture on request. */
import { byId } from "./dom.js";
import { showError } from "./errors.js";
import { inEachLanguage, word } from "./words.js";

export class CameraCard {
  #kiosk;
  #device;
  #stop;
  #url;

  constructor(kiosk) {
    this.#kiosk = kiosk;
    byId("camera-live").addEventListener("click", () => this.#run(() => (this.#stop ? this.#blind() : this.#look())));
    byId("camera-photo").addEventListener("click", () => this.#run(() => this.#photo()));
    inEachLanguage(() => (byId("camera-image").alt = word("cameraAlt")));
  }

  /** A device as it is now. */
  update({ device, kind }) {
    if (kind !== "camera") return;
    this.#device ??= device;
    byId("camera-card").hidden = false;
  }

  /** Nothing of what it saw is left here. */
  forget() {
    this.#show(new Uint8Array());
    if (this.#stop) this.#run(() => this.#blind());
  }

  async #run(work) {
    showError(byId("camera-error"));
    try {
      await work();
    } catch (error) {
      showError(byId("camera-error"), error);
    }
  }

  async #look() {
    this.#stop = await this.#kiosk.watch(this.#device, ({ bytes }) => this.#show(bytes));
    this.#live(true);
  }

  async #blind() {
    const stop = this.#stop;
    this.#stop = undefined;
    this.#live(false);
    await stop();
    this.#show(new Uint8Array());
  }

  /** The picture stays until somebody looks live again. */
  async #photo() {
    const { blob } = await this.#kiosk.camera.capture({}, { device: this.#device });
    const image = await this.#kiosk.blob(blob);
    if (this.#stop) await this.#blind();
    this.#show(new Uint8Array(await image.arrayBuffer()));
    await this.#kiosk.release(blob);
  }

  #live(live) {
    byId("camera-live").setAttribute("aria-pressed", String(live));
    byId("camera-image").dataset.live = String(live);
  }

  #show(bytes) {
    const image = byId("camera-image");
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = bytes.length > 0 ? URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })) : undefined;
    if (this.#url) image.src = this.#url;
    else image.removeAttribute("src");
    if (this.#url) image.dataset.pictures = String(Number(image.dataset.pictures) + 1);
  }
}
