/**
 * A gateway by hand: a test reads each message that the client sent and decides what comes back. It has no sessions
 * of its own, so that a test can be any gateway, also one that answers oddly.
 */
import http from "node:http";
import { BINARY, CLOSE, TEXT, acceptFor, decoder, encode } from "./frames.js";
import { NodeSocket } from "./socket.js";
import { Kiosk } from "../kiosk-client.js";

/** What comes in, to be awaited one by one. */
class Inbox {
  #items = [];
  #waiting = [];

  put(item) {
    const reader = this.#waiting.shift();
    if (reader) reader(item);
    else this.#items.push(item);
  }

  next() {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  get size() {
    return this.#items.length;
  }
}

/** One connection of the client. */
class Peer {
  #socket;
  #inbox = new Inbox();

  constructor(socket) {
    this.#socket = socket;
    const read = decoder((opcode, payload) => {
      if (opcode === TEXT) this.#inbox.put(JSON.parse(payload.toString("utf8")));
      else if (opcode === CLOSE) socket.end();
    });
    socket.on("data", read);
    socket.on("error", () => socket.destroy());
  }

  /** The next message of the client. */
  next() {
    return this.#inbox.next();
  }

  /** How many messages of the client nobody has read. */
  get unread() {
    return this.#inbox.size;
  }

  /** Sends messages, in this order, as objects or as text. */
  send(...messages) {
    for (const message of messages) {
      this.#socket.write(encode(TEXT, typeof message === "string" ? message : JSON.stringify(message), false));
    }
  }

  /** Sends a live picture. */
  sendPicture(stream, number, picture) {
    const head = Buffer.alloc(16);
    head.writeUInt32BE(stream, 0);
    head.writeUInt32BE(number, 4);
    head.writeBigUInt64BE(BigInt(number) * 1000n, 8);
    this.#socket.write(encode(BINARY, Buffer.concat([head, Buffer.from(picture)]), false));
  }

  /** Reads the hello and answers it. */
  async welcome(overrides = {}) {
    const hello = await this.next();
    this.send({ type: "acknowledge", id: hello.id }, { type: "completion", id: hello.id, payload: welcome(overrides) });
    return hello;
  }

  /** Closes as the protocol says. */
  close(code) {
    this.#socket.write(encode(CLOSE, Buffer.from([code >> 8, code & 0xff]), false));
  }

  /** The cable is cut. */
  drop() {
    this.#socket.destroy();
  }
}

function welcome(overrides) {
  return {
    version: 1,
    gateway: { name: "kiosk-gateway", version: "0.1.0" },
    instance: "instance-1",
    session: "s1",
    token: "token-1",
    resumed: false,
    cursor: 0,
    devices: [],
    limits: { message_bytes: 262144, in_flight: 64, resume_window_ms: 60000, lease_grace_ms: 10000 },
    ...overrides,
  };
}

/** Starts it on a free port; it ends with the test. `answerHttp` answers plain requests (blobs). */
export async function startGateway(test, answerHttp = (request, response) => response.writeHead(404).end()) {
  const peers = new Inbox();
  const sockets = new Set();
  const server = http.createServer(answerHttp);
  server.on("upgrade", (request, socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${acceptFor(request.headers["sec-websocket-key"])}\r\n\r\n`,
    );
    peers.put(new Peer(socket));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  test.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { url: `ws://127.0.0.1:${server.address().port}/v1`, connection: () => peers.next() };
}

/** A client on a fresh connection that was welcomed. */
export async function connected(test, { options = {}, welcome: overrides = {}, answerHttp } = {}) {
  const gateway = await startGateway(test, answerHttp);
  const connecting = connect(test, gateway, options);
  const peer = await gateway.connection();
  const hello = await peer.welcome(overrides);
  return { kiosk: await connecting, gateway, peer, hello };
}

/** Begins to connect; the client is closed with the test. */
export function connect(test, gateway, options = {}) {
  const connecting = Kiosk.connect({ url: gateway.url, WebSocket: globalThis.WebSocket ?? NodeSocket, ...options });
  test.after(() => connecting.then((kiosk) => kiosk.close(), () => {}));
  return connecting;
}

/** Fulfils when the client's connection is in this state. */
export function stateOf(kiosk, wanted) {
  if (kiosk.connection === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = kiosk.on("connection", (state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

/** `sessionStorage` as far as the client uses it. */
export class MemoryStorage {
  items = new Map();
  getItem = (key) => this.items.get(key) ?? null;
  setItem = (key, value) => void this.items.set(key, value);
  removeItem = (key) => void this.items.delete(key);
}

/** An error body as the gateway sends it. */
export function errorBody(code, more = {}) {
  return { code, retry: "safe", detail: `detail of ${code}`, message: { vi: `vi ${code}`, en: `en ${code}` }, ...more };
}
