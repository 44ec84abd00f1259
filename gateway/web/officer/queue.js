/** The cases that need a person, the one that waits longest first. Asked for when the signer says that a case has gone on. */
import { byId, h } from "../dom.js";
import { showError } from "../errors.js";
import { word, wordOrName } from "../words.js";
import { badge } from "./badge.js";

/** The waiting times on the screen grow by minutes. */
const DRAW_EVERY_MS = 15_000;

export class Queue {
  #desk;
  #onOpen;
  #rows = [];
  #asking;
  #again = false;
  #status;

  /** `onOpen(row)` hears which case is to be opened. */
  constructor(desk, onOpen) {
    this.#desk = desk;
    this.#onOpen = onOpen;
    const list = byId("queue-list");
    list.addEventListener("keydown", (event) => {
      const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
      const next = step && document.activeElement.closest("#queue-list > li")?.[step];
      if (!next) return;
      event.preventDefault();
      next.firstElementChild.focus();
    });
    setInterval(() => this.draw(), DRAW_EVERY_MS);
  }

  /** Asks for the list; a call while one is asked for has it asked for once more. Gives the rows. */
  async refresh() {
    this.#again = true;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** The rows as they were last seen. */
  get rows() {
    return this.#rows;
  }

  /** The next case that this officer may decide. */
  next(besides) {
    return this.#rows.find((row) => row.case !== besides && row.may_decide && row.state === "awaiting_officer");
  }

  /** The signer as it is now. */
  status(status) {
    this.#status = status;
    this.draw();
  }

  clear() {
    this.#rows = [];
    this.draw();
  }

  draw() {
    const list = byId("queue-list");
    const focused = document.activeElement.closest?.("#queue-list button")?.dataset.case;
    list.replaceChildren(...this.#rows.map((row) => this.#row(row)));
    if (focused) list.querySelector(`[data-case="${CSS.escape(focused)}"]`)?.focus();
    byId("queue-empty").hidden = this.#rows.length > 0;
    const mine = this.#rows.filter((row) => row.may_decide || row.waits_for === "person").length;
    byId("queue-count").textContent = mine || "";
    document.title = `${mine > 0 ? `(${mine}) ` : ""}${word("officerTitle")}`;
    const { waits_for: why, being_signed: signing } = this.#status ?? {};
    byId("signing-note").hidden = !why;
    byId("signing-note").textContent = why ? word("signingWaits", wordOrName("waits_", why), signing) : "";
  }

  async #ask() {
    while (this.#again && this.#desk.signedIn) {
      this.#again = false;
      try {
        const { cases } = await this.#desk.list();
        if (!this.#desk.signedIn) return;
        this.#rows = cases;
        showError(byId("queue-error"));
      } catch (error) {
        showError(byId("queue-error"), error);
      }
      this.draw();
    }
    return this.#rows;
  }

  #row(row) {
    const approvals = row.approved_by.length > 0 ? word("approvedBy", row.approved_by.join(", ")) : "";
    return h("li", {}, h(
      "button",
      { type: "button", "data-case": row.case, "data-state": row.state, "data-waits": row.waits_for, "data-mine": String(row.may_decide), onclick: () => this.#onOpen(row) },
      h("span", { class: "waiting" }, waited(row.opened_ms)),
      h("span", { class: "what" }, h("strong", {}, procedure(row.procedure)), approvals && h("small", {}, approvals)),
      h("span", { class: "standing" }, badge(row), !row.may_decide && row.state === "awaiting_officer" && h("span", { class: "note" }, word("mayNotDecide"))),
    ));
  }
}

/** The name of a procedure; its code, where the page knows none. */
export function procedure(code) {
  return wordOrName("procedure_", code);
}

function waited(since) {
  const minutes = Math.max(0, Math.floor((Date.now() - since) / 60_000));
  return minutes < 120 ? word("minutes", minutes) : word("hours", Math.floor(minutes / 60));
}
