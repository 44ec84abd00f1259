/** The answer on the page: one verdict that nobody can miss, what it is about, and what was looked at. */
import { byId, h } from "../dom.js";
import { word } from "../words.js";

/** Drawn in a circle, square or triangle each: the verdict is told by shape, colour and words. */
const SIGNS = {
  good: "M24 2a22 22 0 1 0 0 44a22 22 0 1 0 0-44zM20.5 35l-10-10l3.6-3.6l6.4 6.4l14-14l3.6 3.6z",
  note: "M24 2a22 22 0 1 0 0 44a22 22 0 1 0 0-44zM21 21h6v15h-6zM21 12h6v6h-6z",
  doubt: "M24 3L47 45H1zM21.5 18l1 15h3l1-15zM21.5 36h5v5h-5z",
  bad: "M4 4h40v40H4zM13 16.600l7.400 7.400L13 31.400L16.600 35l7.400-7.400L31.400 35L35 31.400L27.600 24L35 16.600L31.400 13L24 20.400L16.600 13z",
};
const MARKS = { good: "✓", note: "i", doubt: "⚠", bad: "✗" };

/**
 * Shows an answer. `tone`: good, note, doubt or bad; `facts`: `[name, value]`, without a value it is left out; `technical`: those that
 * say nothing to a citizen; `checked`: lists with a title, each of `{ weight, text, detail }`.
 */
export function drawResult({ verdict, tone, headline, advice, facts, technical, checked }) {
  byId("result").dataset.verdict = verdict;
  byId("verdict").dataset.tone = tone;
  byId("verdict-sign").setAttribute("d", SIGNS[tone]);
  // The verdict is the first sentence; what else belongs to it is read after that.
  const [first, ...more] = headline.split(/(?<=\.)\s+/);
  byId("headline").textContent = first;
  byId("headline-more").textContent = more.join(" ");
  byId("advice").textContent = advice;
  const listed = ([name, value, kind]) => (value ? [h("dt", { class: kind }, name), h("dd", { class: kind }, value)] : []);
  byId("facts").replaceChildren(...facts.flatMap(listed));
  byId("checked").replaceChildren(...checked.filter(({ items }) => items.length > 0).map(list));
  byId("technical").hidden = technical.length === 0;
  byId("technical-facts").replaceChildren(...technical.flatMap(listed));
}

/** Nothing of an answer is left. */
export function clearResult() {
  byId("result").hidden = true;
  for (const id of ["headline", "headline-more", "advice", "facts", "checked", "technical-facts"]) byId(id).replaceChildren();
}

function list({ title, items }) {
  return h("div", {}, h("h3", {}, title), h("ul", {}, ...items.map(item)));
}

function item({ weight, text, detail }) {
  const mark = h("span", { class: "mark", "aria-hidden": "true" }, MARKS[weight] ?? "·");
  return h("li", { "data-weight": weight }, mark, h("div", {}, text, detail && h("details", {}, h("summary", {}, word("details")), h("p", { lang: "en" }, detail))));
}
