/** The one question that the page asks before it does something that counts. */
import { byId, h } from "../dom.js";
import { word } from "../words.js";

let answer = () => {};

/** Closes the question; it counts as no. */
export function unask() {
  answer(undefined);
}

/**
 * Asks. `choices`: `[value, words]`, of which one must be chosen; `yes`: what the button says; `danger`: it takes something
 * away. Gives the choice (`true` where there are none), or nothing.
 */
export function ask({ title, text = "", choices = [], yes, danger = false }) {
  unask();
  const dialog = byId("ask");
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  const choice = ([value, words]) =>
    h("label", {}, h("input", { type: "radio", name: "choice", value, onchange: () => (byId("ask-yes").disabled = false) }), words);
  byId("ask-choices").replaceChildren(...(choices.length > 0 ? [h("legend", {}, word("reasonTitle"))] : []), ...choices.map(choice));
  byId("ask-choices").hidden = choices.length === 0;
  byId("ask-yes").textContent = yes;
  byId("ask-yes").classList.toggle("danger", danger);
  byId("ask-yes").disabled = choices.length > 0;
  return new Promise((resolve) => {
    answer = (given) => {
      answer = () => {};
      if (dialog.open) dialog.close();
      resolve(given);
    };
    const chosen = () => dialog.querySelector("input:checked")?.value;
    byId("ask-yes").onclick = () => answer(choices.length > 0 ? chosen() : true);
    byId("ask-no").onclick = () => answer(undefined);
    dialog.onclose = () => answer(undefined);
    dialog.showModal();
    (dialog.querySelector("input") ?? byId("ask-yes")).focus();
  });
}
