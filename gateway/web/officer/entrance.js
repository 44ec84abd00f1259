/** The entrance: a browser is bound to its officer once, then he signs in with one button. */
import { byId } from "../dom.js";
import { showError } from "../errors.js";
import { inEachLanguage, word, words } from "../words.js";

export class Entrance {
  #desk;
  #onEntered;
  #locked = false;
  /** Another officer, or a new key. */
  #anew = false;

  /** `onEntered()` hears that somebody is signed in. */
  constructor(desk, onEntered) {
    this.#desk = desk;
    this.#onEntered = onEntered;
    byId("sign-in-button").addEventListener("click", () => this.#run(() => desk.signIn(), "signInRefused"));
    byId("enrol-anew").addEventListener("click", () => {
      this.#anew = true;
      this.#draw();
      byId("enrol-officer").focus();
    });
    byId("enrol").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run(async () => {
        await desk.enrol(byId("enrol-officer").value.trim(), byId("enrol-invitation").value.trim());
        byId("enrol-invitation").value = "";
        this.#anew = false;
        await desk.signIn();
      }, "enrolRefused");
    });
    inEachLanguage(() => this.#draw());
  }

  /** Somebody is to sign in; `locked`: because nobody has used the page. */
  open(locked) {
    this.#locked = locked;
    showError(byId("enter-error"));
    this.#draw();
    byId(this.#desk.enrolled ? "sign-in-button" : "enrol-officer").focus();
  }

  /** `refused`: what to say of a refusal. */
  async #run(work, refused) {
    const buttons = [byId("sign-in-button"), byId("enrol-button")];
    showError(byId("enter-error"));
    for (const button of buttons) button.disabled = true;
    try {
      await work();
      this.#locked = false;
      this.#onEntered();
    } catch (error) {
      showError(byId("enter-error"), error.code === "not_permitted" ? Object.assign(error, { words: words(refused) }) : error);
    } finally {
      for (const button of buttons) button.disabled = false;
      this.#draw();
    }
  }

  #draw() {
    const { enrolled } = this.#desk;
    const signsIn = Boolean(enrolled) && !this.#anew;
    // Browsers sign only where nobody on the way can exchange the page.
    const able = window.isSecureContext;
    byId("enter-title").textContent = word(signsIn ? "signInTitle" : "enrolTitle");
    byId("enter-note").textContent = !able ? word("insecure") : this.#locked ? word("locked") : signsIn ? "" : word("enrolNote");
    byId("sign-in").hidden = !able || !signsIn;
    byId("enrol").hidden = !able || signsIn;
    if (signsIn) byId("sign-in-button").textContent = word("signIn", enrolled.name);
  }
}
