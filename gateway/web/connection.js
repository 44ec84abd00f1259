/** Where the gateway is, and the header's sign of the connection to it. */
import { byId } from "./dom.js";
import { word } from "./words.js";

/** The WebSocket of the gateway that served this page. */
export function gatewayUrl() {
  const url = new URL("/v1", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** Shows the state in words. */
export function showConnection(state) {
  byId("connection").dataset.state = state;
  byId("connection").textContent = word(`connection_${state}`);
}
