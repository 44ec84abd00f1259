/** How a case stands, at a glance: what waits for a decision, what is on its way, what is done, what holds no more. */
import { h } from "../dom.js";
import { moment, word, wordOrName } from "../words.js";

/** Told by sign, colour and words. */
const SIGNS = { open: "●", busy: "…", good: "✓", warn: "↩", bad: "✗" };
const TONES = {
  awaiting_officer: "open",
  approved: "busy", numbered: "busy", logged: "busy",
  signed: "good", delivered: "good", stored: "good",
  refused: "bad", sent_back: "warn",
};

/** The badge of a row (`ApprovalRow`); `withdrawn`: its copy is, `{ at_ms }`. */
export function badge({ state, waits_for: why }, withdrawn) {
  if (withdrawn) return pill("withdrawn", "bad", withdrawnAt(withdrawn));
  if (why === "person") return pill(state, "bad", word("needsPerson"));
  const words = !why || why === "officer" ? wordOrName("case_", state) : word("waitsFor", wordOrName("waits_", why));
  return pill(state, TONES[state] ?? "busy", words);
}

/** That a copy is withdrawn, and since when if that is known. */
export function withdrawnAt({ at_ms: at }) {
  return at ? word("withdrawnAt", moment(at)) : word("registerRevoked");
}

function pill(state, tone, words) {
  return h("span", { class: "badge", "data-state": state, "data-tone": tone }, h("span", { "aria-hidden": "true" }, SIGNS[tone]), words);
}
