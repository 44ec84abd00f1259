/** How a copy went out: a print of which nobody knows is asked about, and an officer may have it printed again. */
import { byId, h } from "../dom.js";
import { word } from "../words.js";

/**
 * Shows a case's copy and deliveries (`ApprovalCase`). `settle(delivery, outcome)` hears the answer about a print; `reprint()` is
 * what prints it again, where there is a page printer.
 */
export function drawDeliveries({ copy, deliveries }, { settle, reprint }) {
  const unknown = deliveries.filter(({ state }) => state === "unknown");
  // While nobody knows about one, another would make two.
  const again = copy && reprint && unknown.length === 0;
  byId("case-print").replaceChildren(
    ...(copy ? [h("p", {}, h("strong", {}, copy.number))] : []),
    ...(deliveries.length > 0 ? [h("ul", {}, ...deliveries.map((each) => h("li", { "data-state": each.state }, wordsOf(each))))] : []),
    ...unknown.map((each) => question(each, settle)),
    ...(again ? [h("button", { type: "button", id: "reprint", onclick: reprint }, word("reprint"))] : []),
  );
}

function wordsOf({ channel, state, reprint }) {
  return `${word(reprint ? "channel_reprint" : `channel_${channel}`)}: ${word(`delivery_${state}`)}`;
}

/** There is paper, or there is none. */
function question(delivery, settle) {
  const { reprint } = delivery;
  const answer = (outcome) =>
    h("button", { type: "button", "data-outcome": outcome, onclick: () => settle(delivery, outcome) }, word(`settle_${outcome}`));
  return h(
    "div",
    { class: "question", "data-delivery": delivery },
    h("p", {}, word(reprint ? "settleReprint" : "settleQuestion")),
    h("div", { class: "pair" }, answer("printed"), answer("not_printed")),
  );
}
