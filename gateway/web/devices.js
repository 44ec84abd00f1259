/** The list of devices: how each is, what is wrong with it, and how long it was away. */
import { byId, h } from "./dom.js";
import { errorBox } from "./errors.js";
import { inSeconds, word, wordOrName } from "./words.js";

const WORKING = new Set(["ready", "busy"]);
const TICK_MS = 100;

/** One device's row. It is drawn anew when something changes; its controls (the simulator's knobs) stay as they are. */
class Row {
  view;
  #hasWorked = false;
  #since;
  #pluggedAt;
  #recovery;
  #problem;
  #parts;

  constructor(view, controls) {
    this.#parts = {
      name: h("strong", {}),
      state: h("span", { class: "state", "data-testid": "device-state" }),
      identity: h("p", { class: "identity", "data-testid": "device-identity" }),
      facts: h("p", { class: "facts", "data-testid": "device-facts" }),
      recovery: h("p", { class: "recovery", "data-testid": "device-recovery", role: "status" }),
      problem: h("div", { "data-testid": "device-problem" }),
    };
    const { name, state, ...below } = this.#parts;
    const head = h("div", { class: "row-head" }, name, state);
    this.element = h("li", { id: `device-${view.device}`, "data-testid": "device-row" }, head, ...Object.values(below), controls);
    this.update(view);
  }

  /** The device as it is now. */
  update(view) {
    const works = WORKING.has(view.state);
    if (!works && this.#since === undefined) {
      this.#since = performance.now();
      this.#pluggedAt = undefined;
      this.#recovery = undefined;
    } else if (works && this.#since !== undefined) {
      const now = performance.now();
      // The first start after the page was opened is no recovery, unless somebody put the cable in.
      if (this.#hasWorked || this.#pluggedAt !== undefined) {
        this.#recovery = { away: now - this.#since, plugged: this.#pluggedAt && now - this.#pluggedAt };
      }
      this.#since = undefined;
    }
    this.#hasWorked ||= works;
    this.view = view;
    this.draw();
  }

  /** Its cable was put back: the time that counts for the driver begins now. */
  plugged() {
    if (this.#since !== undefined) this.#pluggedAt = performance.now();
  }

  draw() {
    const { view } = this;
    const parts = this.#parts;
    Object.assign(this.element.dataset, { device: view.device, kind: view.kind, state: view.state });
    if (this.#recovery) this.element.dataset.recoveryMs = Math.round(this.#recovery.away);
    else delete this.element.dataset.recoveryMs;
    parts.name.textContent = wordOrName("kind_", view.kind);
    parts.state.textContent = wordOrName("state_", view.state);
    const { maker, model, serial } = view.identity ?? {};
    parts.identity.textContent = [view.device, [maker, model].filter(Boolean).join(" "), serial].filter(Boolean).join(" · ");
    parts.facts.textContent = factsOf(view).join(" · ");
    parts.facts.dataset.tone = view.kind === "scanner" && view.status?.adf === "loaded" ? "plain" : "warning";
    this.drawTime();
    // Drawn anew only when it differs: an opened disclosure stays open while the driver tries again and again.
    const problem = JSON.stringify([view.problem, document.documentElement.lang]);
    if (problem === this.#problem) return;
    this.#problem = problem;
    // A device that is held waits for the technician: what to do stands there at once.
    const open = view.state === "held";
    parts.problem.replaceChildren(...(view.problem ? [errorBox(view.problem, { open })] : []));
  }

  drawTime() {
    const away = this.#since !== undefined && word("away", inSeconds(performance.now() - this.#since));
    this.#parts.recovery.textContent = away || this.#recoveryText();
  }

  #recoveryText() {
    if (!this.#recovery) return "";
    const { away, plugged } = this.#recovery;
    return plugged ? word("recoveredAfterPlug", inSeconds(away), inSeconds(plugged)) : word("recovered", inSeconds(away));
  }
}

/** What a working device says of itself that a person should know. */
function factsOf({ kind, status, state }) {
  if (!status || !WORKING.has(state)) return [];
  if (kind === "scanner") return status.adf ? [wordOrName("adf_", status.adf)] : [];
  if (kind === "receipt_printer") {
    return [
      status.paper !== "ok" && wordOrName("paper_", status.paper),
      status.cover !== "closed" && wordOrName("cover_", status.cover),
      status.fault && wordOrName("fault_", status.fault),
      !status.online && word("offline"),
    ].filter(Boolean);
  }
  if (kind === "page_printer") return (status.conditions ?? []).map((each) => wordOrName("condition_", each));
  return [];
}

export class DeviceList {
  #rows = new Map();
  #controlsFor;

  /** `controlsFor(view)` makes what stands beneath a row, if anything. */
  constructor(controlsFor) {
    this.#controlsFor = controlsFor;
    setInterval(() => this.#rows.forEach((row) => row.drawTime()), TICK_MS);
  }

  /** A device as it is now. */
  update(view) {
    const row = this.#rows.get(view.device);
    if (row) return row.update(view);
    const added = new Row(view, this.#controlsFor(view));
    this.#rows.set(view.device, added);
    byId("devices").append(added.element);
  }

  /** The cable of the device of this kind was put back. */
  plugged(kind) {
    for (const row of this.#rows.values()) if (row.view.kind === kind) row.plugged();
  }

  /** Draws all anew, in another language. */
  draw() {
    for (const row of this.#rows.values()) row.draw();
  }
}
