/** The entrance: an officer is bound to the browser once, then he signs in with a button of his own. */
import { byId, h } from "../dom.js";
import { showError } from "../errors.js";
import { inEachLanguage, word, words } from "../words.js";

export class Entrance {
  #desk;
  #onEntered;
  #locked = false;
  /** Another officer, or a new key. */
  #anew = false;
  #working = false;

  /** `onEntered()` hears that somebody is signed in. */
  constructor(desk, onEntered) {
    this.#desk = desk;
    this.#onEntered = onEntered;
    byId("enrol-back").addEventListener("click", () => this.open(this.#locked));
    byId("enrol-anew").addEventListener("click", () => {
      this.#anew = true;
      this.#draw();
      byId("enrol-officer").focus();
    });
    byId("enrol").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run(async () => {
        const officer = byId("enrol-officer").value.trim();
        await desk.enrol(officer, byId("enrol-invitation").value.trim());
        byId("enrol-officer").value = byId("enrol-invitation").value = "";
        this.#anew = false;
        await desk.signIn(officer);
      }, "enrolRefused");
    });
    inEachLanguage(() => this.#draw());
  }

  /** Somebody is to sign in; `locked`: because nobody has used the page. */
  open(locked) {
    this.#locked = locked;
    this.#anew = false;
    showError(byId("enter-error"));
    this.#draw();
    const { length } = this.#desk.enrolled;
    // Of several officers none is nearer than the others: each chooses himself.
    if (length < 2) (length === 1 ? byId("sign-in-list").firstElementChild : byId("enrol-officer")).focus();
  }

  /** `refused`: what to say of a refusal. */
  async #run(work, refused) {
    showError(byId("enter-error"));
    this.#working = true;
    this.#draw();
    try {
      await work();
      this.#locked = false;
      this.#onEntered();
    } catch (error) {
      showError(byId("enter-error"), error.code === "not_permitted" ? Object.assign(error, { words: words(refused) }) : error);
    } finally {
      this.#working = false;
      this.#draw();
    }
  }

  #draw() {
    const { enrolled } = this.#desk;
    const signsIn = enrolled.length > 0 && !this.#anew;
    // Browsers sign only where nobody on the way can exchange the page.
    const able = window.isSecureContext;
    byId("enter-title").textContent = word(signsIn ? "signInTitle" : "enrolTitle");
    const note = !able ? "insecure" : !signsIn ? "enrolNote" : this.#locked ? "locked" : enrolled.length > 1 ? "signInNote" : "signInKept";
    byId("enter-note").textContent = word(note);
    byId("sign-in").hidden = !able || !signsIn;
    byId("enrol").hidden = !able || signsIn;
    byId("enrol-button").disabled = this.#working;
    byId("enrol-back").hidden = enrolled.length === 0;
    const focused = document.activeElement?.dataset.officer;
    byId("sign-in-list").replaceChildren(...enrolled.map((each) => this.#button(each)));
    if (focused) byId("sign-in-list").querySelector(`[data-officer="${CSS.escape(focused)}"]`)?.focus();
  }

  #button({ officer, name }) {
    const signIn = () => this.#run(() => this.#desk.signIn(officer), "signInRefused");
    return h("button", { type: "button", class: "primary", "data-officer": officer, disabled: this.#working, onclick: signIn }, word("signIn", name));
  }
}
