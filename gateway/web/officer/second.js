/**
 * The second scan of the same paper: which of the two is shown, where their readings differ, and the same place of both beside
 * each other.
 */
import { byId, h, svg } from "../dom.js";
import { word } from "../words.js";

const SIDES = ["first", "second"];
/** A cut-out is at least so many times as wide as what it is about is high. */
const CUT_WIDTH = 9;

/** Draws the switch and the number of differences. `second`: as in `ApprovalCase`; `shown`: its pages are the ones that are shown. */
export function drawScans(second, shown) {
  byId("scans").hidden = !second;
  for (const side of SIDES) byId(`scan-${side}`).setAttribute("aria-pressed", String(shown === (side === "second")));
  const { count = 0, differences = [] } = second ?? {};
  const told = byId("second-told");
  Object.assign(told.dataset, { tone: count > 0 ? "warn" : "good", count: second ? count : "" });
  const words = count === 0 ? word("secondSame") : word("secondDiffers", count);
  const more = count > differences.length ? ` ${word("secondListed", differences.length)}` : "";
  told.replaceChildren(...(second ? [h("span", { class: "mark", "aria-hidden": "true" }, count > 0 ? "!" : "✓"), h("span", {}, words + more)] : []));
}

/** The places of one page that differ, as they are in one of its scans: number of the difference and its corners. */
export function placesOf(second, page, side) {
  const here = (second?.differences ?? []).map((each, index) => [index, each]).filter(([, each]) => each.page === page && each[side]);
  return new Map(here.map(([index, each]) => [index, each[side].quad]));
}

/** What both scans say. */
export function quoteOf(difference) {
  const [first, second] = SIDES.map((side) => difference[side]?.text ?? word("secondNothing"));
  return `${first} ↔ ${second}`;
}

/** Shows a difference in cut-outs of both scans of its page; without one, none. */
export function drawCuts(page, difference) {
  byId("cuts").hidden = !difference;
  for (const side of SIDES) byId(`cut-${side}`).replaceChildren(...(difference ? [cut(page, difference, side)] : []));
}

/** What is not in one scan is looked for where it is in the other. */
function cut(page, difference, side) {
  const [own, other] = side === "first" ? [page, page.second] : [page.second, page];
  const there = difference[side];
  const scale = (from, to) => sizeOf(to).map((size, axis) => size / sizeOf(from)[axis]);
  const [across, down] = there ? [1, 1] : scale(other, own);
  const corners = (there ?? difference[side === "first" ? "second" : "first"]).quad.map(({ x, y }) => [x * across, y * down]);
  const [left, top] = [0, 1].map((axis) => Math.min(...corners.map((corner) => corner[axis])));
  const [right, bottom] = [0, 1].map((axis) => Math.max(...corners.map((corner) => corner[axis])));
  const height = Math.max(1, bottom - top);
  const width = Math.max(right - left + 2 * height, CUT_WIDTH * height);
  const view = [(left + right - width) / 2, top - height / 2, width, 2 * height];
  const [pageWidth, pageHeight] = sizeOf(own);
  return svg(
    "svg",
    { viewBox: view.join(" "), role: "img", "aria-label": `${word(`${side}Scan`)}: ${there?.text ?? word("secondNothing")}` },
    svg("image", { href: own.url, width: pageWidth, height: pageHeight, preserveAspectRatio: "none" }),
    there && svg("polygon", { points: corners.map((corner) => corner.join()).join(" ") }),
  );
}

/** The size of a page in the pixels of its reading. */
function sizeOf({ reading, width, height }) {
  return [reading?.width_px ?? width, reading?.height_px ?? height];
}
