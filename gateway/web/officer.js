/**
 * The officer's page: sign in, look at the cases that wait, decide each, look into the register. What a case shows is gone
 * when the officer leaves it, and all of it when nobody has used the page for a while.
 *
 * What a browser test can hold on to (ids unless said otherwise; these do not change without need):
 *
 * | what | where |
 * |---|---|
 * | view | `body` [data-view = enter, queue, case, register] [data-lock-after-s]; `open-queue`, `open-register`, `sign-out`, `told` |
 * | entrance | `enrol`, `enrol-officer`, `enrol-invitation`, `enrol-button`, `enrol-back`; `sign-in`, in `sign-in-list` buttons [data-officer]; `enrol-anew`; `enter-note`, `enter-error` |
 * | queue | in `queue-list` buttons [data-case] [data-state] [data-waits] [data-mine]; `queue-count`, `queue-empty`, `signing-note` |
 * | original | `sheet` [data-page], in it polygons [data-line] .doubtful .near .chosen; `page-before`, `page-after`, `zoom-in`, `zoom-out`, `zoom-fit`, `rotate` |
 * | second scan | `scans`: `scan-first`, `scan-second` [aria-pressed], `second-told` [data-count]; in `sheet` polygons [data-difference] .different .chosen; `cut-first`, `cut-second` |
 * | reading | in `lines` [data-line] [aria-selected] |
 * | person | `person`; in it [data-tone], [data-proof] [data-result] |
 * | doubts | `doubts-card` [data-left]; in `doubts` buttons [data-opened]; `doubt-next` |
 * | how it stands | in `case-state` and in the list [data-tone = open, busy, good, warn, bad] [data-state = a case's, withdrawn] |
 * | a print of which nobody knows | in `case-print` [data-delivery], in it buttons [data-outcome] |
 * | decision | `approve` [data-ready], `refuse`, `send-back`; `ask`, in it radios [value], `ask-yes`, `ask-no`; `ask-second`; `case-preview`, `case-error` |
 * | register | `register-from`, `register-until`, `register-officer`, `register-search`, `register-export`, `register-entries`, `register-days`, `register-error` |
 */
import { Kiosk } from "/client/kiosk-client.js";
import { gatewayUrl, showConnection } from "./connection.js";
import { byId } from "./dom.js";
import { showError } from "./errors.js";
import { unask } from "./officer/ask.js";
import { CaseView } from "./officer/case.js";
import { Desk } from "./officer/desk.js";
import { Entrance } from "./officer/entrance.js";
import { whenIdle } from "./officer/idle.js";
import { Queue } from "./officer/queue.js";
import { Register } from "./officer/register.js";
import "./officer/words.js";
import { apply, inEachLanguage, setLanguage, word } from "./words.js";

/** How far in each view is: Back leads out again. */
const DEPTHS = { enter: 0, queue: 0, register: 1, case: 2 };
/** What was done is told for so long. */
const TOLD_MS = 6000;

class OfficerPage {
  #desk;
  #entrance;
  #queue;
  #case;
  #register;
  #turn;
  /** What was done last, in the present language. */
  #told = () => "";
  #untell;

  constructor(desk) {
    this.#desk = desk;
    this.#entrance = new Entrance(desk, () => this.#entered());
    this.#queue = new Queue(desk, (row) => this.#openCase(row));
    this.#case = new CaseView(desk, (say, stays) => (stays ? this.#tell(say) : this.#decided(say)));
    this.#register = new Register(desk, (say) => this.#tell(say), (row, withdrawn) => this.#openCase(row, withdrawn));
    byId("open-queue").addEventListener("click", () => this.#openQueue());
    byId("case-back").addEventListener("click", () => this.#openQueue());
    byId("open-register").addEventListener("click", () => this.#openRegister());
    // Of a case that was left nothing is there to be shown again.
    addEventListener("popstate", ({ state }) => desk.signedIn && (state?.view === "register" ? this.#openRegister() : this.#openQueue()));
    byId("sign-out").addEventListener("click", () => this.#leave(false));
    addEventListener("pagehide", () => this.#leave(false));
    addEventListener("keydown", (event) => this.#key(event));
    whenIdle(() => Number(document.body.dataset.lockAfterS), () => desk.signedIn && this.#leave(true));
    inEachLanguage(() => {
      byId("told").textContent = this.#told();
      this.#draw();
    });
    this.#show("enter");
    this.#entrance.open(false);
  }

  /** The signer as it is now: if a case has gone on, the list is asked for. */
  signer({ status }) {
    this.#queue.status(status);
    if (!status || status.turn === this.#turn) return;
    this.#turn = status.turn;
    this.#refresh();
  }

  /** After a connection was lost nobody knows what went by. */
  reconnected() {
    this.#refresh();
  }

  async #refresh() {
    if (!this.#desk.signedIn) return;
    await this.#queue.refresh();
    const open = this.#case.row;
    if (document.body.dataset.view !== "case" || !open || this.#case.busy) return;
    // Somebody else may have decided it, or its kiosk has given it up or made it anew.
    const now = this.#queue.rows.find((row) => row.case === open.case);
    // One out of the register is in no list.
    if (now?.changed_ms === open.changed_ms || (!now && open.state !== "awaiting_officer")) return;
    this.#tell(() => word(now ? "caseChanged" : "caseGone"));
    if (now) this.#case.open(now);
    else this.#openQueue();
  }

  #entered() {
    this.#openQueue();
  }

  async #openQueue() {
    unask();
    this.#case.clear();
    this.#show("queue");
    await this.#queue.refresh();
    if (document.body.dataset.view === "queue") byId("queue-list").querySelector("button")?.focus();
  }

  #openRegister() {
    unask();
    this.#case.clear();
    this.#show("register");
    this.#register.open();
  }

  #openCase(row, withdrawn) {
    this.#show("case");
    byId("sheet-view").focus();
    return this.#case.open(row, withdrawn);
  }

  /** What was done is told, and the next case opens by itself. */
  async #decided(say) {
    this.#tell(say);
    const done = this.#case.row.case;
    this.#case.clear();
    await this.#queue.refresh();
    if (document.body.dataset.view !== "case") return;
    const next = this.#queue.next(done);
    if (next) await this.#openCase(next);
    else await this.#openQueue();
  }

  #leave(locked) {
    unask();
    this.#desk.leave();
    this.#case.clear();
    this.#queue.clear();
    this.#register.clear();
    this.#tell(() => "");
    this.#show("enter");
    this.#entrance.open(locked);
  }

  #key(event) {
    const typing = event.target.closest?.("input, dialog, [role=listbox]");
    if (typing && event.key.startsWith("Arrow")) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest?.("input, dialog")) return;
    if (document.body.dataset.view !== "case") return;
    if (event.key === "Escape") this.#openQueue();
    else if (this.#case.key(event.key)) event.preventDefault();
  }

  /** `say()` gives the sentence in the present language. */
  #tell(say) {
    clearTimeout(this.#untell);
    this.#told = say;
    byId("told").textContent = say();
    if (say()) this.#untell = setTimeout(() => this.#tell(() => ""), TOLD_MS);
  }

  #show(view) {
    this.#remember(view);
    document.body.dataset.view = view;
    for (const each of Object.keys(DEPTHS)) byId(each).hidden = each !== view;
    for (const each of ["queue", "register"]) byId(`open-${each}`).setAttribute("aria-pressed", String(each === view));
    this.#draw();
  }

  /**
   * A view that is farther in gets an entry in the browser's history, so that Back does not leave the page. The entry names the
   * view and nothing else: what a case is called must not stay in the browser.
   */
  #remember(view) {
    if (view === "enter") return;
    const depth = history.state?.depth ?? 0;
    if (view !== document.body.dataset.view && depth < DEPTHS[view]) history.pushState({ view, depth: depth + 1 }, "");
    else history.replaceState({ view, depth }, "");
  }

  #draw() {
    const { name, title } = this.#desk.signedIn ?? {};
    byId("officer-name").textContent = name ? `${name} · ${title}` : word("officerSubtitle");
    byId("views").hidden = byId("sign-out").hidden = !name;
    this.#queue.draw();
    this.#case.draw();
    this.#register.draw();
  }
}

async function start() {
  for (const language of ["vi", "en"]) byId(`language-${language}`).addEventListener("click", () => setLanguage(language));
  apply();
  let kiosk;
  inEachLanguage(() => showConnection(kiosk?.connection ?? "connecting"));
  // Without storage: a session that outlived the page would keep the files of a case.
  kiosk = await Kiosk.connect({ url: gatewayUrl(), client: { name: "officer-page", version: "1" }, connectTimeoutMs: Infinity });
  const page = new OfficerPage(await Desk.open(kiosk));
  const hear = (view) => view.kind === "signer" && page.signer(view);
  kiosk.on("device", hear);
  kiosk.on("connection", (state, reason) => {
    showConnection(state);
    if (state === "connected") page.reconnected();
    if (state === "closed") showError(byId("connection-error"), reason);
  });
  showConnection(kiosk.connection);
  for (const view of kiosk.devices.values()) hear(view);
}

start().catch((error) => {
  showConnection("closed");
  showError(byId("connection-error"), error);
});
