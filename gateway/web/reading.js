/** The text that was read on a page: laid over the image, and as plain text. Words that are unsure are marked. */
import { h, svg } from "./dom.js";
import { number, word } from "./words.js";

/** Words below this are marked: a person should look at them. */
const UNSURE_BELOW = 0.8;
/** Where the baseline of a line's box is, from its top; and the letters' size, both as parts of its height. */
const BASELINE = 0.78;
const LETTER_SIZE = 0.84;

const drawn = new WeakMap();

/** How many words of a text are unsure. */
export function unsureWords(text) {
  return text.lines.flatMap((line) => line.words).filter((each) => each.confidence < UNSURE_BELOW).length;
}

/** Lays the lines over the page: `layer` is an SVG with the page's own coordinates, its text can be selected. */
export function drawReading(layer, text) {
  if (drawn.get(layer) === text) return;
  drawn.set(layer, text);
  layer.replaceChildren(...(text?.lines ?? []).map(lineOver));
  if (text) {
    layer.setAttribute("viewBox", `0 0 ${text.width_px} ${text.height_px}`);
    layer.setAttribute("preserveAspectRatio", "none");
  }
}

function lineOver(line) {
  const [topLeft, topRight, , bottomLeft] = line.quad;
  const width = Math.hypot(topRight.x - topLeft.x, topRight.y - topLeft.y);
  const height = Math.hypot(bottomLeft.x - topLeft.x, bottomLeft.y - topLeft.y);
  const angle = (Math.atan2(topRight.y - topLeft.y, topRight.x - topLeft.x) * 180) / Math.PI;
  const unsure = line.words.filter((each) => each.confidence < UNSURE_BELOW);
  return svg(
    "g",
    { class: "line", "data-testid": "text-line", "data-confidence": line.confidence.toFixed(3) },
    svg("polygon", { class: "box", points: points(line.quad) }),
    ...unsure.map((each) => svg("polygon", { class: "unsure", "data-testid": "unsure-box", points: points(each.quad) })),
    svg(
      "text",
      {
        x: 0,
        y: height * BASELINE,
        "font-size": height * LETTER_SIZE,
        textLength: width,
        lengthAdjust: "spacingAndGlyphs",
        transform: `translate(${topLeft.x} ${topLeft.y}) rotate(${angle})`,
      },
      line.text,
    ),
  );
}

function points(quad) {
  return quad.map(({ x, y }) => `${x},${y}`).join(" ");
}

/** Writes the text as paragraphs, one a line. */
export function drawText(place, empty, text) {
  place.hidden = !text;
  empty.hidden = Boolean(text);
  if (!text) return place.replaceChildren();
  if (text.lines.length === 0) return place.replaceChildren(h("p", { class: "empty" }, word("blankPage")));
  return place.replaceChildren(...text.lines.map((line) => h("p", { "data-testid": "text-plain-line" }, ...markedWords(line))));
}

/** The line's own text, with its unsure words marked where they stand in it. */
export function markedWords(line) {
  const parts = [];
  let rest = line.text;
  for (const each of line.words) {
    const at = rest.indexOf(each.text);
    if (at < 0 || each.text === "" || each.confidence >= UNSURE_BELOW) {
      // A sure word is passed over, so that an equal, unsure one after it is found at its own place.
      if (at >= 0) {
        parts.push(rest.slice(0, at + each.text.length));
        rest = rest.slice(at + each.text.length);
      }
      continue;
    }
    const title = word("unsure", number(each.confidence * 100));
    parts.push(rest.slice(0, at), h("mark", { "data-testid": "unsure-word", title }, each.text));
    rest = rest.slice(at + each.text.length);
  }
  return [...parts, rest];
}
