/** Errors as the citizen sees them: one sentence; what the technician needs lies folded behind it. */
import { h } from "./dom.js";
import { inEachLanguage, language, word } from "./words.js";

/** What is shown: by its place, how it is made. */
const shown = new Map();

/** The sentence for the citizen. Takes a `KioskError`, an `ErrorBody` as it is on the wire, or any error of this page. */
export function sentenceOf(error) {
  const words = error.words ?? (typeof error.message === "object" ? error.message : undefined);
  return words?.[language()] ?? word("technical");
}

/** What the technician needs: code, the device's own code, whether it may be repeated, and the detail. */
function factsOf(error) {
  return [
    ["code", error.code ?? error.name],
    ["device_code", error.deviceCode ?? error.device_code],
    ["retry", error.retry],
    ["outcome", error.outcome],
    ["field", error.field],
    ["detail", error.detail ?? String(error.message ?? "")],
  ].filter(([, value]) => value !== undefined && value !== "");
}

/** What only the technician wants to know of an error, folded. */
function errorDetails(error, { open = false } = {}) {
  const facts = factsOf(error).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]);
  return h("details", { "data-testid": "error-details", open }, h("summary", {}, word("details")), h("dl", {}, ...facts));
}

/** The box for one error, with further controls; `open`: the technician's part is shown at once. */
export function errorBox(error, { open = false, controls = [] } = {}) {
  return h(
    "div",
    { class: "error", role: "alert", "data-testid": "error", "data-code": error.code ?? "page" },
    h("p", { "data-testid": "error-message" }, sentenceOf(error)),
    ...controls,
    errorDetails(error, { open }),
  );
}

/** Shows the error in `place`, or clears the place. */
export function showError(place, error, ...controls) {
  show(place, error && (() => errorBox(error, { controls })));
}

/** Shows in `place` only what the technician wants to know. */
export function showErrorDetails(place, error) {
  show(place, () => errorDetails(error));
}

function show(place, make) {
  if (make) shown.set(place, make);
  else shown.delete(place);
  place.replaceChildren(...(make ? [make()] : []));
}

// An error stays longer than a language.
inEachLanguage(() => shown.forEach((make, place) => place.replaceChildren(make())));
