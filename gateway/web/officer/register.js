/** The register: entries of a time, counts of its days, an export, and the withdrawal of a copy. */
import { byId, h } from "../dom.js";
import { showError } from "../errors.js";
import { moment, word, wordOrName } from "../words.js";
import { ask } from "./ask.js";
import { withdrawnAt } from "./badge.js";
import { procedure } from "./queue.js";

const PAGE = 100;
const DAY_MS = 86_400_000;
/** The register's days are those of Vietnam, which has no summer time. */
const ZONE = "+07:00";
const PLACE = "Asia/Ho_Chi_Minh";

export class Register {
  #desk;
  #onDone;
  #onOpen;
  #wanted;
  #entries = [];
  #counts = [];
  #more = false;
  /** One thing after the other: a page belongs to its search. */
  #working = Promise.resolve();

  /** `onDone(say)` hears that something was done (`say()` gives the sentence), `onOpen(row, withdrawn)` which case is to be opened. */
  constructor(desk, onDone, onOpen) {
    this.#desk = desk;
    this.#onDone = onDone;
    this.#onOpen = onOpen;
    byId("register-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run(() => this.#search());
    });
    byId("register-more").addEventListener("click", () => this.#run(() => this.#page()));
    byId("register-export").addEventListener("click", () => this.#run(() => this.#export()));
  }

  /** Shows the register; today's entries at first. */
  open() {
    const today = new Intl.DateTimeFormat("sv-SE", { timeZone: PLACE }).format(new Date());
    for (const id of ["register-from", "register-until"]) byId(id).value ||= today;
    return this.#run(() => this.#search());
  }

  clear() {
    this.#wanted = undefined;
    this.#entries = [];
    this.#counts = [];
    this.#more = false;
    for (const id of ["register-from", "register-until", "register-officer"]) byId(id).value = "";
    showError(byId("register-error"));
    this.draw();
  }

  draw() {
    const [entries, counts] = [this.#entries, this.#counts];
    byId("register-entries").replaceChildren(
      head(["number", "at", "officer", "procedure", "pages", "standing"]),
      h("tbody", {}, ...entries.map((entry) => this.#row(entry))),
    );
    byId("register-empty").hidden = entries.length > 0;
    byId("register-more").hidden = !this.#more;
    // Where there is one procedure only, its column would say nothing.
    const several = new Set(counts.map((each) => each.procedure)).size > 1 ? ["procedure"] : [];
    const sum = (of) => counts.reduce((total, count) => total + count[of], 0);
    byId("register-days").replaceChildren(
      head(["day", "officer", ...several, "entries", "revoked"]),
      h("tbody", {}, ...counts.map((each) => row([shownDay(each.day), each.officer, ...several.map(() => procedure(each.procedure)), each.entries, each.revoked]))),
      h("tfoot", {}, row([word("registerTotal"), "", ...several.map(() => ""), sum("entries"), sum("revoked")])),
    );
  }

  #span() {
    const at = (id) => Date.parse(`${byId(id).value}T00:00${ZONE}`);
    return { from_ms: at("register-from"), until_ms: at("register-until") + DAY_MS };
  }

  async #search() {
    const officer = byId("register-officer").value.trim() || undefined;
    this.#wanted = { ...this.#span(), officer };
    this.#entries = [];
    const { counts } = await this.#desk.register("statistics", this.#span());
    this.#counts = counts.filter((count) => !officer || count.officer === officer);
    await this.#page();
  }

  async #page() {
    const after = this.#entries.at(-1)?.entry ?? 0;
    const { entries } = await this.#desk.register("search", { ...this.#wanted, after, most: PAGE });
    this.#entries.push(...entries);
    this.#more = entries.length === PAGE;
  }

  async #export() {
    const { file } = await this.#desk.register("export", { ...this.#span(), format: "csv" });
    const url = URL.createObjectURL(await this.#desk.kiosk.blob(file.blob));
    this.#desk.kiosk.release(file.blob).catch(() => {});
    h("a", { href: url, download: `${byId("register-from").value}--${byId("register-until").value}.csv` }).click();
    // The browser has begun to read it when the click returns.
    setTimeout(() => URL.revokeObjectURL(url), 0);
  }

  async #revoke(entry) {
    const choices = this.#desk.signedIn.reasons.map((reason) => [reason, wordOrName("reason_", reason)]);
    const reason = await ask({ title: word("revokeTitle", entry.number), text: word("revokeText"), choices, yes: word("revoke"), danger: true });
    if (!reason) return;
    await this.#run(async () => {
      const now = await this.#desk.revoke({ case: entry.case, reason });
      this.#entries = this.#entries.map((each) => (each.entry === now.entry ? now : each));
      this.#onDone(() => word("revokedNow", now.number));
      this.#counts = (await this.#desk.register("statistics", this.#span())).counts;
    });
  }

  #row(entry) {
    const withdrawn = entry.revoked && { at_ms: entry.revoked_ms };
    const standing = h("span", { class: "judged", "data-tone": withdrawn ? "bad" : "good" },
      h("span", { class: "mark", "aria-hidden": "true" }, withdrawn ? "✗" : "✓"), withdrawn ? withdrawnAt(withdrawn) : word("registerValid"));
    const revoke = h("button", { type: "button", class: "danger small", onclick: () => this.#revoke(entry) }, word("revoke"));
    const open = () => this.#onOpen({ case: entry.case, procedure: entry.procedure, may_decide: false, approved_by: [] }, withdrawn);
    // Of other officers' procedures only the entry is shown.
    const number = entry.case ? h("button", { type: "button", class: "link", onclick: open }, entry.number) : entry.number;
    return row([number, moment(entry.at_ms), entry.officer, procedure(entry.procedure), entry.pages, h("div", { class: "standing" }, standing, entry.case && !entry.revoked && revoke)]);
  }

  #run(work) {
    this.#working = this.#working.then(() => this.#runNow(work));
    return this.#working;
  }

  async #runNow(work) {
    if (!this.#desk.signedIn) return;
    showError(byId("register-error"));
    try {
      await work();
    } catch (error) {
      if (this.#desk.signedIn) showError(byId("register-error"), error);
    }
    if (this.#desk.signedIn) this.draw();
  }
}

function head(names) {
  return h("thead", {}, h("tr", {}, ...names.map((name) => h("th", { scope: "col" }, word(`column_${name}`)))));
}

function row(cells) {
  return h("tr", {}, ...cells.map((cell) => h("td", {}, typeof cell === "number" ? String(cell) : cell)));
}

function shownDay(day) {
  return day.split("-").reverse().join("/");
}
