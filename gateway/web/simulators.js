/**
 * The demo's simulated devices: their plugs, their faults, the printers' paper. This is the simulators' own control port
 * and no part of the gateway; outside the demo there is none, and nothing of this is shown.
 */
import { byId, h } from "./dom.js";
import { inEachLanguage, word } from "./words.js";

/** By device kind: the simulator's name for it, its faults that are worth a button, what can be put in or before it (with the
 * word for each), and a word to know. */
const SIMULATED = {
  scanner: { name: "scanner", faults: ["jam", "adf_empty", "cover_open", "slow"], sets: { loadFeeder: { adf: 3 } } },
  receipt_printer: { name: "printer", faults: ["paper_out", "paper_low", "cover_open", "silence"] },
  page_printer: { name: "page_printer", faults: ["paper_out", "abort"] },
  camera: {
    name: "camera",
    faults: ["freeze", "slow"],
    sets: {
      beforeHolder: { before: "holder" },
      beforeOther: { before: "other" },
      beforePhotograph: { before: "photograph" },
      beforeNobody: { before: "nobody" },
      beforeCard: { before: "card" },
    },
  },
  card_reader: {
    name: "card_reader",
    faults: [],
    sets: {
      cardGenuine: { identity: {} },
      cardCopy: { identity: { faults: { cloned: true } } },
      cardForged: { identity: { faults: { wrong_sod: "dg2" } } },
      cardOut: { card: "none" },
    },
    note: "cardNumber",
  },
  ups: { name: "ups", faults: ["mains_off", "low_battery", "stale"] },
};

export class Simulators {
  #address;
  #onPlugged;
  #paperUrl;

  /** Asks whether this is a demo; `undefined` if it is not. `onPlugged(kind)` hears that a cable was put back. */
  static async find(onPlugged) {
    const response = await fetch("/demo.json", { cache: "no-store" });
    if (!response.ok) return undefined;
    const { simulators } = await response.json();
    return new Simulators(simulators, onPlugged);
  }

  constructor(address, onPlugged) {
    this.#address = address;
    this.#onPlugged = onPlugged;
    byId("simulators-note").hidden = false;
    byId("tab-paper").hidden = false;
    inEachLanguage(() => (byId("paper-image").alt = word("paperAlt")));
  }

  /** The knobs of the simulator behind a device. */
  controlsFor({ kind }) {
    const simulated = SIMULATED[kind];
    return simulated && new Knobs(simulated, (path, order) => this.#ask(path, order), () => this.#onPlugged(kind)).element;
  }

  /** Shows the paper that came out of the printer of this kind: "receipt_printer" or "page_printer". */
  async showPaper(kind) {
    const response = await fetch(`${this.#address}/devices/${SIMULATED[kind].name}/paper.png`, { cache: "no-store" });
    // No job has come out yet.
    if (response.status === 404) return;
    if (!response.ok) throw new Error(`the simulator answered ${response.status} for the paper`);
    if (this.#paperUrl) URL.revokeObjectURL(this.#paperUrl);
    this.#paperUrl = URL.createObjectURL(await response.blob());
    const image = byId("paper-image");
    image.src = this.#paperUrl;
    image.dataset.of = kind;
    image.hidden = false;
    byId("paper-empty").hidden = true;
  }

  /** Shows it no longer: a code may be on it. */
  forgetPaper() {
    if (this.#paperUrl) URL.revokeObjectURL(this.#paperUrl);
    this.#paperUrl = undefined;
    byId("paper-image").removeAttribute("src");
    byId("paper-image").hidden = true;
    byId("paper-empty").hidden = false;
  }

  async #ask(path, order) {
    const request = order === undefined ? {} : { method: "POST", body: JSON.stringify(order) };
    const response = await fetch(`${this.#address}/devices/${path}`, { ...request, cache: "no-store" });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    return answer;
  }
}

/** The buttons of one simulated device. */
class Knobs {
  #simulated;
  #ask;
  #onPlugged;
  #plug;
  #faults;
  #sets;
  #note;
  #problem = h("p", { class: "note", role: "alert" });
  #state = { plugged: true, faults: [] };
  #silent;

  constructor(simulated, ask, onPlugged) {
    const { name, faults, sets = {}, note } = simulated;
    this.#simulated = simulated;
    this.#ask = ask;
    this.#onPlugged = onPlugged;
    this.#plug = h("button", { type: "button", id: `plug-${name}`, class: "plug", onclick: () => this.#togglePlug() });
    this.#faults = new Map(
      faults.map((fault) => [
        fault,
        h("button", { type: "button", id: `fault-${name}-${fault}`, class: "chip", "data-fault": fault, onclick: () => this.#toggleFault(fault) }),
      ]),
    );
    this.#sets = new Map(
      Object.entries(sets).map(([what, order]) => [
        what,
        h("button", { type: "button", id: `set-${name}-${what}`, class: "chip", onclick: () => this.#turn("set", order) }),
      ]),
    );
    this.#note = note && h("p", { class: "note" });
    const chips = h("div", { class: "chips" }, ...this.#faults.values(), ...this.#sets.values());
    const parts = [this.#plug, chips, this.#note, this.#problem].filter(Boolean);
    this.element = h("div", { class: "knobs", "data-testid": `knobs-${name}` }, ...parts);
    inEachLanguage(() => this.#draw());
    this.#look();
  }

  #look() {
    return this.#take(this.#ask(this.#simulated.name));
  }

  #turn(action, order = {}) {
    return this.#take(this.#ask(`${this.#simulated.name}/${action}`, order));
  }

  async #togglePlug() {
    const wasIn = this.#state.plugged;
    await this.#turn(wasIn ? "unplug" : "plug");
    if (!wasIn && this.#state.plugged) this.#onPlugged();
  }

  #toggleFault(fault) {
    return this.#turn(this.#isOn(fault) ? "clear" : "fault", { fault });
  }

  #isOn(fault) {
    return this.#state.faults.some((active) => active.fault === fault);
  }

  async #take(asking) {
    try {
      this.#state = await asking;
      this.#silent = undefined;
    } catch (error) {
      this.#silent = error;
    }
    this.#draw();
  }

  #draw() {
    this.#plug.textContent = word(this.#state.plugged ? "unplug" : "plug");
    this.#plug.dataset.plugged = String(this.#state.plugged);
    for (const [fault, button] of this.#faults) {
      button.textContent = word(`knob_${fault}`);
      button.setAttribute("aria-pressed", String(this.#isOn(fault)));
    }
    for (const [what, button] of this.#sets) button.textContent = word(what);
    if (this.#note) this.#note.textContent = word(this.#simulated.note);
    this.#problem.textContent = this.#silent ? `${word("simulatorSilent")}: ${this.#silent.message}` : "";
  }
}
