/**
 * Small tools for building the page. Everything that comes from a device, the gateway or the reading of a document goes
 * through here as text, never as markup.
 */

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id; a page without it is a mistake of ours. */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no element #${id}`);
  return element;
}

/** An HTML element. `props`: attributes, and functions as event listeners (`onclick`). Strings become text nodes. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** Shows a step's progress: a moving bar while something runs, and one sentence. */
export function showProgress(box, { text = "", running = false, fraction, tone = "plain" }) {
  const bar = box.querySelector(".bar");
  bar.hidden = !running;
  bar.classList.toggle("unmeasured", fraction === undefined);
  bar.style.setProperty("--done", String(fraction ?? 0));
  box.dataset.tone = tone;
  const sentence = box.querySelector("p");
  if (sentence.textContent !== text) sentence.textContent = text;
}
