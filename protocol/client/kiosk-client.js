/**
 * The client of Kiosk gateway for the kiosk's web page. No dependencies, no build step; for browsers and for Node 20 and
 * later (Node 20 has no WebSocket of its own: give one as `options.WebSocket`).
 *
 * Here are calls, devices, leases and blobs. What each kind of device can be asked is in `device-calls.js`, the session
 * below them (reconnect, resume) in `connection.js`; the shapes of all messages are in `types.d.ts`, which is generated
 * from the gateway's own types.
 */
import { Connection } from "./connection.js";
import { deviceCalls } from "./device-calls.js";
import { KioskError, clientError } from "./kiosk-error.js";
import { tell } from "./listeners.js";

export { KioskError };

/** An acknowledgement is sent at once: a gateway that owes one for so long hangs, and the connection is made anew. */
const ACKNOWLEDGE_WITHIN_MS = 10_000;
/** The longest `timeout_ms` that the gateway takes. */
const LONGEST_CALL_MS = 600_000;
/** The gateway keeps the deadlines; the client ends a call only when the gateway has missed one by so much. */
const DEADLINE_GRACE_MS = 10_000;
/** The gateway remembers a key for 10 minutes, less a margin for the way. Later, the same key would do it again. */
const KEY_LIFETIME_MS = 9 * 60_000;
/** Calls that do something each time: they get a key by themselves. */
const CALLS_WITH_SIDE_EFFECT = new Set(["receipt_printer.print", "page_printer.print", "case.print"]);
/** Bytes before the picture in a binary message: u32 stream, u32 number, u64 time (see the protocol's reference page). */
const PICTURE_HEADER_BYTES = 16;

/** 32 hex digits. Not `crypto.randomUUID`, which pages outside a secure context do not have. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A device that this session has alone, for as long as `held` says so. */
class Lease {
  held = true;
  #call;

  constructor(device, call) {
    this.device = device;
    this.#call = call;
  }

  /** Keeps it for another `ttlMs`. */
  extend({ ttlMs = 60_000, ...options } = {}) {
    return this.#call("lease.acquire", { ttl_ms: ttlMs }, { ...options, device: this.device });
  }

  /** Gives it back. */
  async release(options = {}) {
    if (!this.held) return;
    this.held = false;
    await this.#call("lease.release", {}, { ...options, device: this.device });
  }
}

export class Kiosk {
  /** All devices as they are now, by name. */
  devices = new Map();
  /** The gateway's name and version. */
  gateway;
  /** The session's name; not a secret. */
  session;
  /** Whether `connect` went on with the session of an earlier page. */
  resumed = false;

  #options;
  #connection;
  #begun;
  #instance;
  /** The gateway's usual limit, until it has told its own. */
  #messageBytes = 65_536;
  #pending = new Map();
  #leases = new Map();
  /** Who looks at a device's live pictures, by device. */
  #watches = new Map();
  #listeners = new Map();

  /**
   * Connects, and tries again until the gateway is there or `connectTimeoutMs` have passed (30,000; `Infinity` for ever).
   * `storage` (for example `sessionStorage`) keeps the session over a reload of the page.
   */
  static connect(options = {}) {
    const kiosk = new Kiosk(options);
    return new Promise((resolve, reject) => {
      kiosk.#begun = { resolve, reject };
      kiosk.#connection.open();
    });
  }

  /** Use `connect`. */
  constructor(options) {
    this.#options = {
      url: gatewayThatServedThis() ?? "ws://127.0.0.1:7180/v1",
      client: { name: "kiosk-page", version: "0" },
      connectTimeoutMs: 30_000,
      WebSocket: globalThis.WebSocket,
      fetch: (...request) => globalThis.fetch(...request),
      ...options,
    };
    if (!this.#options.WebSocket) throw new TypeError("this runtime has no WebSocket: give one as options.WebSocket");
    Object.assign(this, deviceCalls((...call) => this.call(...call)));
    this.#connection = new Connection(this.#options, {
      connected: (welcome) => this.#connected(welcome),
      message: (message) => this.#receive(message),
      binary: (bytes) => this.#picture(bytes),
      dropped: () => this.#pending.forEach((call) => clearTimeout(call.acknowledgeBy)),
      lost: (reason) => this.#sessionLost(reason),
      closed: (error) => this.#closed(error),
      state: (state, reason) => this.#emit("connection", state, reason),
    });
  }

  /** "connecting", "connected", "reconnecting", "lost" or "closed". */
  get connection() {
    return this.#connection.state;
  }

  /** Listens to "device", "connection", "lease_lost", "stopping" or "unclaimed"; returns the function that ends it. */
  on(what, listener) {
    if (!this.#listeners.has(what)) this.#listeners.set(what, new Set());
    this.#listeners.get(what).add(listener);
    return () => this.#listeners.get(what).delete(listener);
  }

  /**
   * Calls the gateway; resolves with the completion's payload, rejects with a KioskError. While the connection is away
   * the call waits for it. An abort asks the gateway to cancel; the promise then ends as the gateway says it ended.
   */
  call(name, payload = {}, { device, timeoutMs, key, signal, onEvent, onReply } = {}) {
    if (this.connection === "closed") {
      return Promise.reject(clientError("closed", "safe", `the session has ended: connect again before calling ${name}`));
    }
    if (signal?.aborted) {
      return Promise.reject(clientError("cancelled", "safe", `${name} was cancelled before it was sent`));
    }
    key ??= CALLS_WITH_SIDE_EFFECT.has(name) ? randomKey() : undefined;
    return new Promise((resolve, reject) => {
      const id = this.#connection.takeId();
      const text = JSON.stringify({ type: "command", id, name, device, timeout_ms: timeoutMs, key, payload });
      // A longer message would end the connection, and with it everything else that is under way.
      if (new TextEncoder().encode(text).length > this.#messageBytes) {
        reject(clientError("too_large", "unsafe", `${name} is longer than the ${this.#messageBytes} bytes that the gateway takes`));
        return;
      }
      const call = { id, name, key, text, signal, onEvent, onReply, resolve, reject, acknowledged: false, cancelling: false };
      call.onAbort = () => this.#cancel(call);
      signal?.addEventListener("abort", call.onAbort);
      const limit = (timeoutMs ?? LONGEST_CALL_MS) + DEADLINE_GRACE_MS;
      call.deadline = setTimeout(() => this.#overdue(call, limit), limit);
      this.#pending.set(id, call);
      if (this.connection === "connected") this.#send(call);
    });
  }

  /** Waits until the device is this session's alone. */
  async lease(device, { ttlMs = 60_000, ...options } = {}) {
    const granted = await this.call("lease.acquire", { ttl_ms: ttlMs }, { ...options, device });
    const lease = new Lease(granted.device, (...call) => this.call(...call));
    this.#leases.set(granted.device, lease);
    return lease;
  }

  /**
   * Looks at a device's live pictures until the function that this resolves with is called. `onPicture` gets
   * `{ bytes, number, takenUs }`; empty bytes: nothing to see. Goes on by itself when the connection or session was lost.
   */
  async watch(device, onPicture, options = {}) {
    if (this.#watches.has(device)) throw clientError("busy", "safe", `this page looks at ${device} already`);
    const watch = { onPicture, stream: undefined };
    this.#watches.set(device, watch);
    try {
      await this.#look(device, watch, options);
    } catch (error) {
      this.#watches.delete(device);
      throw error;
    }
    return async () => {
      if (this.#watches.get(device) !== watch) return;
      this.#watches.delete(device);
      if (this.connection !== "closed") await this.call("pictures.stop", {}, { device });
    };
  }

  /** Sends a document or picture of the page's own (PDF, JPEG, PNG); resolves with the name of its blob. */
  async upload(bytes, { signal } = {}) {
    const response = await this.#fetchBlobs("", { method: "POST", body: bytes, signal });
    return (await response.json()).blob;
  }

  /** Throws a blob away before the session ends. */
  async release(id, { signal } = {}) {
    await this.#fetchBlobs(`/${encodeURIComponent(id)}`, { method: "DELETE", signal });
  }

  /** A finished blob. */
  async blob(id, options) {
    return (await this.#fetchBlobs(`/${encodeURIComponent(id)}`, options)).blob();
  }

  /** The bytes of a blob as they come; it may still be growing. */
  async blobStream(id, options) {
    return (await this.#fetchBlobs(`/${encodeURIComponent(id)}`, options)).body;
  }

  /** Ends the session: its commands are cancelled, its leases released, its blobs wiped. */
  async end() {
    try {
      if (this.connection === "connected") await this.call("session.end", {}, { timeoutMs: 2_000 });
    } catch (error) {
      // The socket may close before the answer is read; a session that nobody resumes ends by itself.
      if (!(error instanceof KioskError)) throw error;
    } finally {
      this.#connection.forget();
      this.#connection.close(clientError("closed", "unknown", "the session was ended while this call was running"));
    }
  }

  /** Leaves without ending the session: until its window has passed it can be resumed. */
  close() {
    this.#connection.close(clientError("closed", "unknown", "the connection was closed while this call was running"));
  }

  #connected(welcome) {
    // A gateway that was restarted has forgotten its keys: what the earlier one was asked is not asked again by itself.
    if (this.#instance !== undefined && this.#instance !== welcome.instance) {
      const restarted = clientError("session_lost", "unknown", "the gateway was restarted while this call was running");
      for (const call of [...this.#pending.values()]) if (call.sentAt !== undefined) this.#settle(call, restarted);
    }
    this.#instance = welcome.instance;
    this.#messageBytes = welcome.limits.message_bytes;
    this.gateway = welcome.gateway;
    this.session = welcome.session;
    const present = new Set(welcome.devices.map((view) => view.device));
    for (const id of this.devices.keys()) if (!present.has(id)) this.devices.delete(id);
    for (const view of welcome.devices) this.devices.set(view.device, view);
    for (const view of welcome.devices) this.#emit("device", view);
    // The gateway does a command with the same number once, so what it may have missed can be sent again.
    for (const call of [...this.#pending.values()]) {
      if (!call.acknowledged) this.#send(call);
      if (call.cancelling) this.#sendCancel(call);
    }
    if (!this.#begun) return;
    this.resumed = welcome.resumed;
    this.#begun.resolve(this);
    this.#begun = undefined;
  }

  /** What was never sent waits for the next session, and so does what a living key protects from being done twice. */
  #sessionLost(reason) {
    for (const call of [...this.#pending.values()]) {
      if (call.sentAt === undefined) continue;
      const protectedByKey = call.key && !call.cancelling && Date.now() - call.sentAt < KEY_LIFETIME_MS;
      if (protectedByKey) call.acknowledged = false;
      else this.#settle(call, clientError("session_lost", "unknown", `the session was lost while ${call.name} was running: ${reason}`));
    }
    for (const device of [...this.#leases.keys()]) this.#leaseLost(device);
    for (const [device, watch] of this.#watches) {
      watch.stream = undefined;
      // In the new session; where that fails the page sees no pictures, and an empty one says so.
      this.#look(device, watch, {}).catch(() => tell(watch.onPicture, { bytes: new Uint8Array(), number: 0, takenUs: 0n }));
    }
  }

  #closed(error) {
    for (const call of [...this.#pending.values()]) this.#settle(call, error);
    for (const lease of this.#leases.values()) lease.held = false;
    this.#begun?.reject(error);
    this.#begun = undefined;
  }

  #receive(message) {
    if (message.type === "notice") this.#notice(message);
    else if (["acknowledge", "event", "completion"].includes(message.type)) this.#answer(message);
  }

  #answer(message) {
    const call = this.#pending.get(message.id);
    if (!call) {
      // Of a call that an earlier page of this session made, or of one whose caller was told that it is overdue.
      if (message.type !== "acknowledge") this.#emit("unclaimed", message);
      return;
    }
    clearTimeout(call.acknowledgeBy);
    call.acknowledged = true;
    if (message.type === "event") tell(call.onEvent, message.name, message.payload);
    else if (message.error) this.#settle(call, new KioskError(message.error));
    else if (message.type === "completion") this.#settle(call, undefined, message.payload ?? {});
  }

  #notice({ name, payload }) {
    if (name === "device.changed") {
      this.devices.set(payload.device, payload);
      this.#emit("device", payload);
    } else if (name === "lease.lost") {
      this.#leaseLost(payload.device);
    } else if (name === "gateway.stopping") {
      this.#emit("stopping");
    }
  }

  #send(call) {
    call.sentAt ??= Date.now();
    clearTimeout(call.acknowledgeBy);
    call.acknowledgeBy = setTimeout(() => this.#connection.restart(), ACKNOWLEDGE_WITHIN_MS);
    this.#connection.send(call.text);
  }

  #sendCancel(call) {
    this.#connection.send(JSON.stringify({ type: "cancel", id: call.id }));
  }

  #cancel(call) {
    if (call.sentAt === undefined) {
      this.#settle(call, clientError("cancelled", "safe", `${call.name} was cancelled before it was sent`));
      return;
    }
    call.cancelling = true;
    if (this.connection === "connected") this.#sendCancel(call);
  }

  #overdue(call, limit) {
    const retry = call.sentAt === undefined ? "safe" : "unknown";
    this.#settle(call, clientError("timeout", retry, `${call.name} was not answered within ${limit} ms`));
  }

  #settle(call, error, payload) {
    this.#pending.delete(call.id);
    clearTimeout(call.acknowledgeBy);
    clearTimeout(call.deadline);
    call.signal?.removeEventListener("abort", call.onAbort);
    if (error) call.reject(error);
    else {
      tell(call.onReply, payload);
      call.resolve(payload);
    }
  }

  async #fetchBlobs(path, { method = "GET", body, signal } = {}) {
    const base = this.#options.url.replace(/^ws/, "http").replace(/\/$/, "");
    const headers = { Authorization: `Bearer ${this.#connection.token}` };
    let response;
    try {
      // What is thrown away by a page that is closing is thrown away all the same.
      const keepalive = method === "DELETE";
      response = await this.#options.fetch(`${base}/blobs${path}`, { method, headers, body, cache: "no-store", signal, keepalive });
    } catch (error) {
      if (signal?.aborted) throw clientError("cancelled", "safe", "the blob was not wanted any more");
      throw clientError("unreachable", "safe", `the gateway could not be asked about the blob: ${error.message}`);
    }
    if (response.ok) return response;
    const said = (await response.text().catch(() => "")).trim();
    const reason = `the gateway answered ${response.status}: ${said.slice(0, 200)}`;
    if (response.status === 404) throw clientError("not_found", "unsafe", reason);
    if (response.headers.get("Content-Type")?.startsWith("application/json")) throw new KioskError(JSON.parse(said).error);
    throw clientError("internal", "unknown", reason);
  }

  /** The stream's number is noted before the next message is looked at: it may be the first picture. */
  #look(device, watch, options) {
    const onReply = ({ stream }) => (watch.stream = stream);
    return this.call("pictures.start", {}, { ...options, device, onReply });
  }

  #picture(data) {
    if (data.byteLength < PICTURE_HEADER_BYTES) return;
    const header = new DataView(data);
    const watch = [...this.#watches.values()].find(({ stream }) => stream === header.getUint32(0));
    const bytes = new Uint8Array(data, PICTURE_HEADER_BYTES);
    tell(watch?.onPicture, { bytes, number: header.getUint32(4), takenUs: header.getBigUint64(8) });
  }

  #leaseLost(device) {
    const lease = this.#leases.get(device);
    if (lease) lease.held = false;
    this.#leases.delete(device);
    this.#emit("lease_lost", device);
  }

  #emit(what, ...values) {
    for (const listener of [...(this.#listeners.get(what) ?? [])]) tell(listener, ...values);
  }
}

/** The gateway that this module was loaded from, if it was one. */
function gatewayThatServedThis() {
  const { protocol, host, pathname } = new URL(import.meta.url);
  return protocol === "http:" && pathname.startsWith("/client/") ? `ws://${host}/v1` : undefined;
}
