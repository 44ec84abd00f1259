/** The signed file once more, for who has the code and is the copy's holder. */
import { Kiosk } from "/client/kiosk-client.js";
import { gatewayUrl } from "../connection.js";
import { h } from "../dom.js";

const WITHIN_MS = 15_000;

/** Fetches it, in a session that lasts as long as that, and hands it to the browser as a file of this name. */
export async function fetchCopy(code, citizenNumber, name) {
  const kiosk = await Kiosk.connect({ url: gatewayUrl(), client: { name: "verify-page", version: "1" }, connectTimeoutMs: WITHIN_MS });
  try {
    const { file } = await kiosk.copy.fetch(code, citizenNumber);
    save(await kiosk.blob(file.blob), name);
  } finally {
    await kiosk.end();
  }
}

function save(file, name) {
  const url = URL.createObjectURL(file);
  h("a", { href: url, download: name }).click();
  // The browser has begun to read it when the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
