/** A WebSocket client for Node versions that have none, with the part of the browser's interface that we use. */
import http from "node:http";
import { randomBytes } from "node:crypto";
import { BINARY, CLOSE, TEXT, acceptFor, decoder, encode } from "./frames.js";

export class NodeSocket {
  onopen = null;
  onmessage = null;
  onclose = null;
  onerror = null;
  #socket;
  #over = false;

  constructor(url) {
    const key = randomBytes(16).toString("base64");
    const headers = { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13" };
    const request = http.request(url.replace(/^ws/, "http"), { headers });
    request.on("upgrade", (response, socket, head) => {
      if (this.#over || response.headers["sec-websocket-accept"] !== acceptFor(key)) {
        socket.destroy();
        return this.#end("the handshake's answer is wrong");
      }
      this.#socket = socket;
      const read = decoder((opcode, payload) => {
        if (opcode === TEXT) this.onmessage?.({ data: payload.toString("utf8") });
        else if (opcode === BINARY) this.onmessage?.({ data: new Uint8Array(payload).buffer });
        else if (opcode === CLOSE) this.#closed(payload);
      });
      socket.on("data", read);
      socket.on("error", (error) => this.#end(error));
      socket.on("close", () => this.#end());
      this.onopen?.({});
      if (head.length > 0) read(head);
    });
    request.on("response", (response) => {
      response.resume();
      this.#end(`the upgrade was refused with ${response.statusCode}`);
    });
    request.on("error", (error) => this.#end(error));
    request.end();
  }

  send(text) {
    this.#socket.write(encode(TEXT, text, true));
  }

  close() {
    this.#over = true;
    this.#socket?.end(encode(CLOSE, "", true));
  }

  #closed(payload) {
    this.#socket.end();
    this.#end(undefined, payload.length >= 2 ? payload.readUInt16BE(0) : 1005);
  }

  #end(error, code = 1006) {
    if (this.#over) return;
    this.#over = true;
    if (error) this.onerror?.({ error });
    this.onclose?.({ code });
  }
}
