/**
 * One case: the original beside what was read on it, the person, the doubts, the decision. The officer can certify only when
 * every page was shown and every doubt was opened; where a second scan differs is a doubt.
 */
import { byId, h } from "../dom.js";
import { showError } from "../errors.js";
import { word, wordOrName } from "../words.js";
import { ask } from "./ask.js";
import { badge } from "./badge.js";
import { drawDeliveries } from "./deliveries.js";
import { Doubts } from "./doubts.js";
import { Lines } from "./lines.js";
import { Pages } from "./pages.js";
import { clearPerson, drawPerson } from "./person.js";
import { procedure } from "./queue.js";
import { drawCuts, drawScans, placesOf, quoteOf } from "./second.js";
import { Sheet } from "./sheet.js";

/** Reasons that make sense only when there is a copy. */
const OF_COPIES = ["issued_in_error"];

export class CaseView {
  #desk;
  #done;
  #sheet;
  #lines;
  #doubts;
  #case;
  /** The copy is withdrawn: `{ at_ms }`. */
  #withdrawn;
  #pages;
  #at = 0;
  /** The second scan is the one that is shown. */
  #second = false;
  /** The difference that is looked at. */
  #difference;
  #busy = false;

  /** `onDone(say, stays)` hears that something was done, as what gives the sentence, and whether this case stays open. */
  constructor(desk, onDone) {
    this.#desk = desk;
    this.#done = onDone;
    const onLine = (index, firmly) => this.#onLine(index, firmly);
    this.#sheet = new Sheet(onLine);
    this.#lines = new Lines(onLine);
    this.#doubts = new Doubts((doubt) => this.#openDoubt(doubt), () => this.draw());
    const clicks = {
      "page-before": () => this.#turnTo(this.#at - 1),
      "page-after": () => this.#turnTo(this.#at + 1),
      "scan-first": () => this.#showScan(false),
      "scan-second": () => this.#showScan(true),
      "ask-second": () => this.#askSecond(),
      "case-preview": () => this.#pages.openPreview(),
      approve: () => this.#approve(),
      refuse: () => this.#decide("refuse"),
      "send-back": () => this.#decide("send_back"),
    };
    for (const [id, work] of Object.entries(clicks)) byId(id).addEventListener("click", work);
  }

  /** The case that is open: its row. */
  get row() {
    return this.#case?.row;
  }

  /** Something is being decided. */
  get busy() {
    return this.#busy;
  }

  /** Opens the case of a row of the list; `withdrawn`: what the register says of that, `{ at_ms }`. */
  async open(row, withdrawn) {
    this.clear();
    this.#withdrawn = withdrawn;
    const pages = new Pages(this.#desk.kiosk);
    this.#pages = pages;
    this.#case = { row, pages: [], readings: [], doubts: [], deliveries: [] };
    this.draw();
    try {
      const all = await this.#desk.case(row.case);
      if (this.#pages === pages) this.#case = all;
      this.draw();
      this.#askWithdrawn(all.copy);
      await pages.load(all, () => pages === this.#pages && this.#arrived());
      this.draw();
    } catch (error) {
      if (this.#pages === pages) showError(byId("case-error"), error);
    }
  }

  /** Whether the copy still holds the register says to who has its code. */
  async #askWithdrawn(copy) {
    const of = this.#case;
    if (!copy) return;
    try {
      const { revoked_ms: at } = await this.#desk.kiosk.copy.verify(copy.code);
      if (of !== this.#case) return;
      this.#withdrawn = at && { at_ms: at };
      this.draw();
    } catch (error) {
      if (of === this.#case) showError(byId("case-error"), error);
    }
  }

  /** Nothing of the case is left. */
  clear() {
    this.#pages?.forget();
    this.#pages = this.#case = this.#withdrawn = undefined;
    this.#at = 0;
    this.#second = false;
    this.#difference = undefined;
    drawScans(undefined, false);
    drawCuts();
    this.#sheet.clear();
    this.#lines.clear();
    this.#doubts.clear();
    clearPerson();
    byId("case-state").replaceChildren();
    byId("case-print").replaceChildren();
    showError(byId("case-error"));
  }

  /** A key was pressed outside any field; true: it meant something. */
  key(key) {
    const meaning = {
      ArrowLeft: () => this.#turnTo(this.#at - 1),
      ArrowRight: () => this.#turnTo(this.#at + 1),
      "+": () => byId("zoom-in").click(),
      "=": () => byId("zoom-in").click(),
      "-": () => byId("zoom-out").click(),
      0: () => byId("zoom-fit").click(),
      r: () => byId("rotate").click(),
      n: () => this.#doubts.next(),
      s: () => this.#showScan(!this.#second),
      a: () => byId("approve").click(),
      x: () => byId("refuse").click(),
      b: () => byId("send-back").click(),
    }[key.toLowerCase().replace("arrowleft", "ArrowLeft").replace("arrowright", "ArrowRight")];
    if (meaning) meaning();
    return Boolean(meaning);
  }

  draw() {
    const { row, identity, content } = this.#case ?? {};
    if (!row) return;
    byId("case-heading").textContent = procedure(row.procedure);
    this.#drawState(row);
    // What is decided has become the copy itself, or nothing.
    byId("case-preview").hidden = row.state !== "awaiting_officer" || !this.#pages.preview;
    drawPerson(identity);
    this.#doubts.draw();
    drawScans(this.#case.second, this.#second);
    drawCuts(this.#pages.list[this.#at], this.#difference);
    this.#sheet.draw();
    drawDeliveries(this.#case, {
      settle: (delivery, outcome) => this.#settle(delivery, outcome),
      reprint: this.#desk.prints && !this.#busy && !this.#withdrawn && (() => this.#reprint()),
    });
    byId("decide").hidden = !row.may_decide || !content;
    byId("page-number").textContent = word("pageOf", this.#at + 1, this.#case.pages.length);
    byId("page-before").disabled = this.#at === 0;
    byId("page-after").disabled = this.#at + 1 >= this.#pages.list.length;
    const missing = this.#missing();
    byId("approve").textContent = missing || word("approve");
    byId("approve").dataset.ready = String(row.may_decide && !missing);
    byId("ask-second").hidden = !this.#desk.signedIn?.second_scan;
    byId("ask-second").textContent = word(this.#case.second ? "askSecondAgain" : "askSecond");
    for (const id of ["approve", "refuse", "send-back", "ask-second"]) byId(id).disabled = this.#busy || !row.may_decide;
  }

  #drawState(row) {
    const another = row.state === "awaiting_officer" && !row.may_decide;
    // Of a row of the register the state is not known before the case is here.
    byId("case-state").replaceChildren(
      ...(row.state || this.#withdrawn ? [badge(row, this.#withdrawn)] : []),
      ...(another ? [h("p", { class: "note" }, word("mayNotDecide"))] : []),
    );
  }

  /** What the officer has not looked at yet, in words. */
  #missing() {
    const unseen = this.#case.pages.length - this.#pages.list.filter((page) => page.shown).length;
    const doubts = this.#doubts.left;
    if (unseen > 0 && doubts > 0) return word("missingBoth", unseen, doubts);
    return unseen > 0 ? word("missingPages", unseen) : doubts > 0 ? word("missingDoubts", doubts) : "";
  }

  /** A page is here. */
  #arrived() {
    if (this.#pages.list.length === 1) {
      const quote = (doubt) => {
        if (doubt.kind === "difference") return quoteOf(doubt);
        return doubt.kind === "line" && this.#pages.list[doubt.page - 1]?.reading?.lines[doubt.line]?.text;
      };
      const differences = (this.#case.second?.differences ?? []).map((each, index) => ({ ...each, kind: "difference", index }));
      // What is decided is not looked at for doubts any more.
      const isOpen = this.#case.row.state === "awaiting_officer";
      this.#doubts.show(isOpen ? [...differences, ...this.#case.doubts] : [], quote);
      this.#turnTo(0);
    }
    this.draw();
  }

  #turnTo(index, second = this.#second) {
    const page = this.#pages?.list[index];
    if (!page) return;
    this.#at = index;
    this.#second = second && Boolean(page.second);
    this.#difference = undefined;
    page.shown = true;
    const scan = this.#second ? page.second : page;
    // What is doubtful is so in the first reading, which is the copy's.
    const doubtful = this.#second ? new Map() : this.#doubts.linesOf(page.number);
    this.#sheet.show(scan, doubtful, placesOf(this.#case.second, page.number, this.#second ? "second" : "first"));
    this.#lines.show(scan, doubtful);
    this.draw();
  }

  /** Shows the other scan of the same page, and the same difference if one is looked at. */
  #showScan(second) {
    if (second === this.#second || !this.#pages?.list[this.#at]?.second) return;
    const difference = this.#difference;
    this.#turnTo(this.#at, second);
    if (difference) this.#lookAt(difference);
  }

  #lookAt(difference) {
    this.#difference = difference;
    this.#sheet.mark(difference.index, "chosen", "difference");
    this.#sheet.approach(difference.index, "difference");
    this.draw();
  }

  #onLine(index, firmly) {
    const mark = firmly ? "chosen" : "near";
    for (const side of [this.#sheet, this.#lines]) side.mark(index, mark);
    if (!firmly) return;
    byId("sheet").querySelector(".chosen")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (!this.#second) this.#doubts.seen(this.#at + 1, Number(index));
  }

  /** Shows what is doubtful; false: its page is not here yet. */
  #openDoubt(doubt) {
    const { kind, page, line } = doubt;
    if (page !== undefined && !this.#pages.list[page - 1]) return false;
    // A difference may be in one of the scans only.
    const second = kind === "difference" ? (this.#second ? Boolean(doubt.second) : !doubt.first) : this.#second && kind !== "line";
    if (page !== undefined && (page !== this.#at + 1 || second !== this.#second)) this.#turnTo(page - 1, second);
    if (kind === "difference") this.#lookAt(doubt);
    else if (kind === "line") {
      this.#onLine(line, true);
      this.#sheet.approach(line);
    } else if (page === undefined) {
      byId("person").focus();
      byId("person").scrollIntoView({ block: "start" });
    }
    return true;
  }

  /** Leads to what is missing; if nothing is, certifies. */
  async #approve() {
    const unseen = this.#pages.list.findIndex((page) => !page.shown);
    if (unseen >= 0) return this.#turnTo(unseen);
    if (this.#doubts.left > 0) return this.#doubts.next();
    if (this.#missing()) return;
    const { full_name: name } = this.#case.identity?.identity.holder ?? {};
    const text = word("approveText", name ?? word("personUnknown"), this.#case.pages.length);
    const of = this.#case;
    const agreed = await ask({ title: word("approveTitle"), text, yes: word("approve") });
    // Another round may have come meanwhile, of which nothing was looked at.
    if (agreed && of === this.#case) await this.#send("approve");
  }

  /** The same paper is to be scanned once more; the case comes back with where the two differ. */
  async #askSecond() {
    const of = this.#case;
    const agreed = await ask({ title: word("askSecondTitle"), text: word("askSecondText"), yes: word("askSecondYes") });
    if (agreed && of === this.#case) await this.#send("send_back", "second_scan");
  }

  async #decide(decision) {
    const reasons = this.#desk.signedIn.reasons.filter((reason) => !OF_COPIES.includes(reason));
    const choices = reasons.map((reason) => [reason, wordOrName("reason_", reason)]);
    const of = this.#case;
    const reason = await ask({ title: word(`${decision}Title`), text: word(`${decision}Text`), choices, yes: word(`${decision}Yes`), danger: true });
    if (reason && of === this.#case) await this.#send(decision, reason);
  }

  #send(decision, reason) {
    const { row, content } = this.#case;
    return this.#run(async () => {
      const after = await this.#desk.decide({ case: row.case, content, decision, reason });
      if (reason === "second_scan") return "decided_second_scan";
      return after.waits_for === "second_officer" ? "decided_second" : `decided_${decision}`;
    });
  }

  async #settle(delivery, outcome) {
    await this.#run(async () => {
      await this.#desk.settle(delivery, outcome);
      return `settled_${outcome}`;
    });
  }

  /** A reprint says on itself that it is one. */
  async #reprint() {
    const of = this.#case;
    if (!(await ask({ title: word("reprintTitle"), text: word("reprintText"), yes: word("reprint") })) || of !== this.#case) return;
    await this.#run(async () => {
      await this.#desk.reprint(of.row.case);
      return "reprinted";
    }, true);
  }

  /** `work` gives the word for what it did; `stays`: the case is still to be looked at. */
  async #run(work, stays = false) {
    const of = this.#case;
    this.#busy = true;
    showError(byId("case-error"));
    this.draw();
    try {
      const done = await work();
      this.#busy = false;
      if (of !== this.#case) return;
      this.#done(() => word(done), stays);
      if (stays) this.open(of.row);
    } catch (error) {
      this.#busy = false;
      if (of !== this.#case) return;
      showError(byId("case-error"), error);
      this.draw();
    }
  }
}
