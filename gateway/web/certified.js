/**
 * The certified copy: pages, readings and person become a case, an officer decides, and the citizen takes the copy. Each step
 * follows from where the case is, so that one that was sent back, or that a reload of the page has interrupted, goes on.
 *
 * idle ─ begin ─► working ─► waiting ─ signed ─► done
 *                    ▲          ├─ sent back ─► again (to working)
 *                    └──────────┤
 *                               └─ refused, withdrawn ─► ended
 */
import { CopyCard } from "./certified/copy.js";
import { byId, h, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import "./certified-words.js";
import { inEachLanguage, word, wordOrName } from "./words.js";

/** Where this page keeps the case's name, so that a reload does not lose a citizen's copy. */
const STORED_AS = "kiosk-case";
/** The states in which the page has something to do, and what. */
const TO_DO = { opened: "pages", captured: "recognise", recognised: "identify", identified: "prepare", prepared: "prepare" };
/** What is to be done with a case; one that was sent back gets its pages anew, or only a second scan of the same paper. */
function toDo({ state, reason, second_scan: second }) {
  const next = state === "sent_back" ? (reason === "second_scan" ? "prepare" : "pages") : TO_DO[state];
  return next === "prepare" && second === "asked" ? "second" : next;
}
/** The copy can be had. */
const SIGNED = ["signed", "delivered", "stored"];
/** The name of the citizen's case, if there is one. */
const kept = () => sessionStorage.getItem(STORED_AS);
/** The last seconds before a case that nobody waits for is given up. */
const STILL_THERE_S = 30;

export class CertifiedCard {
  #kiosk;
  #stage;
  #reader;
  #onForget;
  #onCase;
  #copy;
  /** The pages of the case. */
  #blobs = new Set();
  /** Those of them that were sent: a second scan has others. */
  #first = [];
  #signer;
  #turn;
  #person = "idle";
  #step = "idle";
  /** The case, as it was last seen. */
  #case;
  #doing = "";
  /** The present run: what another citizen has begun is no matter of an earlier one. */
  #run = 0;
  #clearAt = 0;
  #clock;

  /**
   * `stage` has the pages, `reader` reads them; `onPaper(kind)` hears when paper came out of a printer, `onForget()` when a citizen's
   * part is over, `onCase(told)` how a case stands for which nobody needs to be confirmed any more; else it is empty.
   */
  constructor(kiosk, { stage, reader, onPaper, onForget, onCase }) {
    this.#kiosk = kiosk;
    this.#stage = stage;
    this.#reader = reader;
    this.#onForget = onForget;
    this.#onCase = onCase;
    this.#copy = new CopyCard(kiosk, onPaper);
    byId("certified-begin").addEventListener("click", () => this.#do((run) => this.#begin(run)));
    byId("certified-leave").addEventListener("click", () => this.#leave());
    byId("certified-again").addEventListener("click", () => this.forget());
    for (const touch of ["pointerdown", "keydown"]) byId("certified-card").addEventListener(touch, () => this.#wait());
    inEachLanguage(() => this.draw());
    // How it stands is asked when the signer is heard of.
    if (kept()) this.#show("waiting");
  }

  /** A device as it is now; if the signer's cases have gone on, this one is asked for. */
  update(view) {
    const { kind, status, capabilities } = view;
    this.#copy.update(view);
    if (kind !== "signer") return;
    this.#signer = capabilities ?? this.#signer;
    byId("certified-card").hidden = !this.#signer;
    const isNews = this.#turn !== status?.turn;
    this.#turn = status?.turn;
    if (isNews && kept() && this.#step !== "working") this.#do((run) => this.#ask(kept(), run));
    this.draw();
  }

  /** The person's step is here. */
  person(step) {
    this.#person = step;
    this.draw();
  }

  /** For the next citizen: nothing of this one is left here. The case itself goes its way. */
  forget() {
    this.#run++;
    this.#case = undefined;
    this.#doing = "";
    sessionStorage.removeItem(STORED_AS);
    this.#copy.clear();
    this.#forgetPages();
    this.#onForget();
    showError(byId("certified-error"));
    this.#show("idle");
  }

  /**
   * Nothing of the citizen stays on the screen while the gateway is away. A case that waits is asked for when it is back, if its
   * citizen may still be here; one that was being made ends, for its pages are gone.
   */
  hide() {
    if (!kept()) return this.forget();
    if (this.#step === "working" || TO_DO[this.#case?.state]) return this.#leave();
    this.#run++;
    this.#case = this.#turn = undefined;
    this.#copy.clear();
    this.#forgetPages();
    this.#onForget();
    showError(byId("certified-error"));
    // The clock goes on: in the end the case is forgotten as if nothing had happened.
    this.#step = "waiting";
    this.draw();
  }

  /** The scanned pages go as well, unless somebody has scanned others meanwhile. */
  #forgetPages() {
    if (this.#stage.complete.some(({ blob }) => this.#blobs.has(blob))) {
      this.#reader.stop();
      this.#stage.clear();
    }
    // What fails here, the end of the session does.
    for (const blob of this.#blobs) this.#kiosk.release(blob).catch(() => {});
    this.#blobs.clear();
    this.#first = [];
  }

  async #do(work) {
    const run = this.#run;
    try {
      await work(run);
    } catch (error) {
      if (run !== this.#run) return;
      showError(byId("certified-error"), error);
      this.#doing = "";
      // What was begun can be gone on with; what was asked is asked again when the signer is heard of.
      if (this.#step === "working") return this.#show(this.#case ? "again" : "idle");
      this.#turn = undefined;
      this.draw();
    }
  }

  /** Asks how the case is; one that is not there any more was withdrawn, or its time is over. */
  async #ask(name, run) {
    try {
      const found = await this.#kiosk.case.status(name);
      if (run === this.#run) this.#seen(found);
    } catch (error) {
      if (error.code !== "not_found") throw error;
      if (run === this.#run) this.forget();
    }
  }

  /** Does what is to be done until an officer must look. */
  async #begin(run) {
    showError(byId("certified-error"));
    this.#show("working");
    const { case: calls } = this.#kiosk;
    const pages = () => this.#stage.complete;
    for (const { blob } of pages()) this.#blobs.add(blob);
    const name = () => this.#case.case;
    const images = () => pages().map(({ blob, resolutionDpi }) => ({ image: blob, resolution_dpi: resolutionDpi }));
    const read = async () => {
      await this.#reader.finished;
      for (const { error } of pages()) if (error) throw error;
    };
    const work = {
      open: () => calls.open(byId("certified-procedure").value, { language: byId("certified-english").checked ? "vi_en" : "vi" }),
      pages: () => {
        this.#first = pages().map(({ blob }) => blob);
        return calls.pages(name(), images());
      },
      recognise: async () => {
        await read();
        return calls.recognise(name(), pages().map(({ blob }) => blob));
      },
      second: async () => {
        await read();
        const found = await calls.secondScan(name(), images());
        this.#first.push(...pages().map(({ blob }) => blob));
        return found;
      },
      identify: () => calls.identify(name()),
      prepare: () => calls.prepare(name()),
    };
    let next = this.#case ? toDo(this.#case) : "open";
    // For a second scan the paper is to be put in again.
    while (next && !(next === "second" && !this.#isScanned(next))) {
      this.#doing = next;
      this.draw();
      const found = await work[next]();
      if (run !== this.#run) return;
      this.#case = found;
      sessionStorage.setItem(STORED_AS, found.case);
      next = toDo(found);
    }
    this.#seen(this.#case);
  }

  /** All pages are there that are needed for what is to be done. */
  #isScanned(next) {
    const pages = this.#stage.complete;
    const whole = pages.length > 0 && pages.every((page) => page.resolutionDpi);
    return whole && !(next === "second" && pages.some(({ blob }) => this.#first.includes(blob)));
  }

  /** The case is so now. */
  #seen(found) {
    this.#case = found;
    this.#doing = "";
    showError(byId("certified-error"));
    const { state, revoked } = found;
    sessionStorage.setItem(STORED_AS, found.case);
    if (revoked) this.#show("ended");
    else if (SIGNED.includes(state) && found.copy) {
      this.#copy.show(found);
      if (this.#step !== "done") this.#show("done");
    } else if (state === "refused") this.#show("ended");
    else this.#show(toDo(found) ? "again" : "waiting");
  }

  /** The citizen gives it up; what an officer has approved meanwhile goes on without this page. */
  #leave() {
    const name = kept();
    this.forget();
    if (name) this.#kiosk.case.withdraw(name).catch(() => {});
  }

  #show(step) {
    this.#step = step;
    this.#wait();
    this.draw();
    if (step !== "idle") byId("certified-card").scrollIntoView({ block: "end" });
  }

  /** Begins to wait for the citizen anew: who goes away without a word is forgotten. */
  #wait() {
    clearInterval(this.#clock);
    byId("certified-clears").textContent = "";
    const { clearAfterS, abandonedAfterS } = byId("certified-card").dataset;
    const seconds = { done: clearAfterS, ended: clearAfterS, waiting: abandonedAfterS, again: abandonedAfterS }[this.#step];
    if (!seconds) return;
    this.#clearAt = Date.now() + 1000 * Number(seconds);
    this.#clock = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  #tick() {
    const left = Math.ceil((this.#clearAt - Date.now()) / 1000);
    const over = ["done", "ended"].includes(this.#step);
    if (left <= 0 && this.#copy.isPrinting) return this.#wait();
    if (left <= 0) return over ? this.forget() : this.#leave();
    byId("certified-clears").textContent = over ? word("personClears", left) : left <= STILL_THERE_S ? word("certifiedStillThere", left) : "";
  }

  draw() {
    const step = this.#step;
    const { state = "" } = this.#case ?? {};
    Object.assign(byId("certified-card").dataset, { step, state });
    const asks = step === "idle" || step === "again";
    byId("certified-ask").hidden = !asks;
    const next = this.#case && toDo(this.#case);
    // After a reload, what was scanned a second time is with the case already.
    const scanned = this.#isScanned(next) || (state === "sent_back" && next === "prepare");
    // What the kiosk has seen of a person goes into the case with its pages: it must be this person, and now.
    const confirmedBefore = state === "identified" || next === "second" || next === "prepare";
    const confirmed = this.#person === "done" || confirmedBefore;
    byId("certified-begin").disabled = !scanned || !confirmed;
    byId("certified-begin").textContent = word(step === "again" ? "certifiedSendAgain" : "certifiedBegin");
    byId("certified-hint").textContent = word(!scanned ? (next === "second" ? "certifiedNeedsSecond" : "certifiedNeedsPages") : confirmed ? "certifiedReady" : "certifiedNeedsPerson");
    const doing = this.#doing && word(`certifying_${this.#doing}`);
    const needsPerson = step === "idle" || (step === "again" && !confirmedBefore);
    this.#onCase(needsPerson ? "" : doing || this.#told());
    this.#drawProcedures();
    showProgress(byId("certified-progress"), doing ? { text: doing, running: true } : { running: step === "waiting" });
    byId("certified-told").textContent = this.#told();
    byId("certified-told").dataset.tone = step === "done" ? "good" : "plain";
    byId("certified-officer").hidden = step !== "waiting" || state !== "awaiting_officer";
    byId("certified-copy").hidden = step !== "done";
    byId("certified-leave").hidden = !(step === "waiting" && state === "awaiting_officer") && step !== "again";
    byId("certified-again").hidden = !["done", "ended"].includes(step);
  }

  #told() {
    const { state, waits_for: why, reason, revoked } = this.#case ?? {};
    if (this.#step === "waiting" && !state) return word("certified_asking");
    if (this.#step === "idle" || this.#step === "working" || !state) return "";
    if (revoked) return word("certified_revoked");
    if (this.#step === "done") return word("certified_done");
    if (this.#step === "again" && toDo(this.#case) === "second") return word("certified_second_scan");
    if (state === "refused" || state === "sent_back") return word(`certified_${state}`, wordOrName("reason_", reason ?? ""));
    if (why === "person") return word("certified_person");
    if (state === "awaiting_officer") return word(why === "second_officer" ? "certified_second_officer" : "certified_officer");
    if (this.#step === "again") return "";
    return why ? word("certified_waits", wordOrName("waits_", why)) : word("certified_signing");
  }

  #drawProcedures() {
    const list = byId("certified-procedure");
    const names = this.#signer?.procedures ?? [];
    byId("certified-procedures").hidden = names.length < 2;
    const words = names.map((name) => wordOrName("procedure_", name));
    // A list that somebody has opened is not made anew without need.
    if (list.dataset.words === words.join()) return;
    list.dataset.words = words.join();
    const { value } = list;
    list.replaceChildren(...names.map((name, index) => h("option", { value: name }, words[index])));
    if (names.includes(value)) list.value = value;
  }
}
