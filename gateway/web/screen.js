/**
 * The second screen: shows what a QR display's driver sends, full screen, and nothing that is old. Open it as
 * `/screen.html?device=NAME` in a browser on that screen; without `device` it is the kiosk's only QR display.
 *
 * The driver sends the picture again and again. When none comes (the driver, the gateway or the connection is gone)
 * the screen goes blank within a second, for a code that nobody stands behind must not be scanned.
 *
 * What a browser test can hold on to: `body` [data-state = blank, showing], `shown`, `problem`.
 */
import { Kiosk } from "/client/kiosk-client.js";
import { byId } from "./dom.js";

/** The driver sends every 400 ms. */
const BLANK_AFTER_MS = 900;

const shown = byId("shown");
const problem = byId("problem");
let blankTimer;
let current;

function blank() {
  clearTimeout(blankTimer);
  document.body.dataset.state = "blank";
  shown.hidden = true;
  shown.removeAttribute("src");
  if (current) URL.revokeObjectURL(current.url);
  current = undefined;
}

function same(a, b) {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function show({ bytes }) {
  if (bytes.length === 0) return blank();
  clearTimeout(blankTimer);
  blankTimer = setTimeout(blank, BLANK_AFTER_MS);
  if (current && same(current.bytes, bytes)) return;
  if (current) URL.revokeObjectURL(current.url);
  current = { bytes, url: URL.createObjectURL(new Blob([bytes])) };
  shown.src = current.url;
  shown.hidden = false;
  document.body.dataset.state = "showing";
}

const url = `${location.protocol.replace("http", "ws")}//${location.host}/v1`;
const kiosk = await Kiosk.connect({ url, client: { name: "kiosk-screen", version: "1" }, connectTimeoutMs: Infinity });
kiosk.on("connection", (state) => {
  if (state !== "connected") blank();
});

function device() {
  const wanted = new URLSearchParams(location.search).get("device");
  if (wanted) return wanted;
  const displays = [...kiosk.devices.values()].filter(({ kind }) => kind === "qr_display");
  if (displays.length === 1) return displays[0].device;
  throw new Error(`this kiosk has ${displays.length} QR displays: open /screen.html?device=NAME`);
}

try {
  await kiosk.watch(device(), show);
} catch (error) {
  problem.textContent = error.detail ?? error.message;
}
