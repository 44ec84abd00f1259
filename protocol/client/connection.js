/**
 * The connection and the session on it: hello, resume, back-off, each message once. Calls, devices and leases are in
 * `kiosk-client.js`; they hear from here through `listener`.
 *
 *     connecting ──► connected ──(socket gone)──► reconnecting ──(resumed)──► connected
 *                                                     │
 *                             (session gone) ───► lost ──(new session)──► connected        close ──► closed
 */
import { KioskError, clientError } from "./kiosk-error.js";

/** The versions of the protocol that this client speaks. */
const VERSIONS = Object.freeze({ min: 1, max: 1 });
const HELLO_WITHIN_MS = 5_000;
const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 5_000;
/** Close code: another connection has resumed this session. Taking it back would only begin a quarrel of two pages. */
const SUPERSEDED = 4409;
/** The gateway's usual resume window, until it has told its own. */
const USUAL_RESUME_WINDOW_MS = 60_000;

export class Connection {
  state = "connecting";
  token;

  #options;
  #listener;
  #socket;
  #helloId;
  #greeted = false;
  #welcomedOnce = false;
  #attempts = 0;
  #refusal;
  #helloTimer;
  #openTimer;
  #windowTimer;
  #connectTimer;
  #resumeWindowMs = USUAL_RESUME_WINDOW_MS;
  #cursor = 0;
  #nextId = 1;

  /**
   * `options`: url, client, WebSocket, storage, connectTimeoutMs.
   * `listener`: connected(welcome), message(message), binary(bytes), dropped(), lost(reason), closed(error), state(state, reason).
   */
  constructor(options, listener) {
    this.#options = options;
    this.#listener = listener;
    this.#recall();
  }

  /** Connects, and stays connected until `close`. */
  open() {
    const { url, connectTimeoutMs } = this.#options;
    if (connectTimeoutMs !== Infinity) {
      const detail = `no gateway welcomed us at ${url} within ${connectTimeoutMs} ms: check that it runs and that it allows this page's origin`;
      this.#connectTimer = setTimeout(
        () => this.close(this.#refusal ?? clientError("unreachable", "safe", detail)),
        connectTimeoutMs,
      );
    }
    this.#connect();
  }

  /** The end: nothing is tried any more. */
  close(error) {
    if (this.state === "closed") return;
    this.#leave();
    for (const timer of [this.#openTimer, this.#windowTimer, this.#connectTimer]) clearTimeout(timer);
    this.#become("closed", error);
    this.#listener.closed(error);
  }

  /** Drops the socket and connects anew: the gateway does not answer on this one. */
  restart() {
    this.#dropped(this.#socket);
  }

  /** Sends one message; only while connected. */
  send(text) {
    this.#socket.send(text);
  }

  /** A number that no command of this session has had, also not before the page was loaded again. */
  takeId() {
    const id = this.#nextId++;
    this.#remember();
    return id;
  }

  /** Forgets the session, so that the next page begins a new one. */
  forget() {
    try {
      this.#options.storage?.removeItem(this.#storageKey);
    } catch { /* see #remember */ }
  }

  #connect() {
    const { url, client, WebSocket } = this.#options;
    let socket;
    try {
      socket = new WebSocket(url);
    } catch (error) {
      this.close(error);
      return;
    }
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#greeted = false;
    const dropped = () => this.#dropped(socket);
    this.#helloTimer = setTimeout(dropped, HELLO_WITHIN_MS);
    socket.onopen = () => {
      this.#helloId = this.takeId();
      const resume = this.token ? { token: this.token, cursor: this.#cursor } : undefined;
      const payload = { versions: VERSIONS, client, resume };
      socket.send(JSON.stringify({ type: "command", id: this.#helloId, name: "session.hello", payload }));
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => (code === SUPERSEDED ? this.#superseded() : dropped());
    socket.onerror = dropped;
  }

  #superseded() {
    this.close(clientError("superseded", "unknown", "another connection, such as a copy of this page, has resumed this session"));
  }

  /** Lets go of the socket: nothing is heard from it any more. */
  #leave() {
    clearTimeout(this.#helloTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // A socket that is closed while it connects still reports an error; somebody has to take it.
    socket.onerror = () => {};
    socket.close();
  }

  #dropped(socket) {
    if (!socket || this.#socket !== socket) return;
    this.#leave();
    if (this.state === "connected") this.#become("reconnecting");
    this.#listener.dropped();
    if (this.token && this.#windowTimer === undefined) {
      this.#windowTimer = setTimeout(() => this.#sessionGone("it could not be resumed in time"), this.#resumeWindowMs);
    }
    const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempts++);
    this.#openTimer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  #receive(data) {
    if (data instanceof ArrayBuffer) {
      if (this.#greeted) this.#listener.binary(data);
      return;
    }
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return; // What is not JSON belongs to no version that this client speaks.
    }
    if (typeof message !== "object" || message === null) return;
    if (!this.#greeted) {
      this.#answerToHello(message);
      return;
    }
    if (Number.isSafeInteger(message.seq)) {
      if (message.seq <= this.#cursor) return;
      this.#cursor = message.seq;
      this.#remember();
    }
    this.#listener.message(message);
  }

  /** Before the welcome only answers to the hello come; the answer to one that could not be read has no id. */
  #answerToHello(message) {
    if (message.id !== this.#helloId && message.id !== null) return;
    if (message.error) {
      this.#refusal = new KioskError(message.error);
      // What may succeed later is tried again, anything else is final.
      if (message.error.retry === "safe") this.restart();
      else this.close(this.#refusal);
    } else if (message.type === "completion") {
      this.#welcomed(message.payload);
    }
  }

  #welcomed(welcome) {
    clearTimeout(this.#helloTimer);
    clearTimeout(this.#windowTimer);
    clearTimeout(this.#connectTimer);
    this.#windowTimer = undefined;
    this.#attempts = 0;
    this.#greeted = true;
    // A session that an earlier page left in the storage and that is gone meanwhile is no loss to this page.
    if (this.token && this.#welcomedOnce && !welcome.resumed) this.#sessionGone("the gateway does not know it any more");
    this.#welcomedOnce = true;
    this.#resumeWindowMs = welcome.limits.resume_window_ms;
    this.token = welcome.token;
    this.#cursor = welcome.cursor;
    this.#remember();
    this.#become("connected");
    this.#listener.connected(welcome);
  }

  #sessionGone(reason) {
    this.token = undefined;
    this.#windowTimer = undefined;
    this.forget();
    this.#become("lost");
    this.#listener.lost(reason);
  }

  #become(state, reason) {
    if (this.state === state) return;
    this.state = state;
    this.#listener.state(state, reason);
  }

  get #storageKey() {
    return `kiosk-gateway ${this.#options.url}`;
  }

  /** Storage can be full or forbidden; then a reload of the page simply begins a new session. */
  #remember() {
    if (!this.#options.storage || !this.token) return;
    const session = { token: this.token, cursor: this.#cursor, nextId: this.#nextId };
    try {
      this.#options.storage.setItem(this.#storageKey, JSON.stringify(session));
    } catch { /* as said above */ }
  }

  #recall() {
    try {
      const { token, cursor, nextId } = JSON.parse(this.#options.storage?.getItem(this.#storageKey) ?? "{}");
      if (typeof token !== "string" || !Number.isSafeInteger(cursor) || !Number.isSafeInteger(nextId)) return;
      this.token = token;
      this.#cursor = cursor;
      this.#nextId = nextId;
    } catch { /* as said above */ }
  }
}
