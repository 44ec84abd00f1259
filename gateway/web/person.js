/**
 * The person: the card's chip is read and proven, the face is compared with its portrait, with live guidance. Whatever
 * fails or is refused ends at the counter, never in a dead end.
 *
 * idle ─ consent ─► card ─(showing)─► reading ─► face ─ captured ─► alive ─ matched ─► done
 *            └─────────┴─────────────────┴─────────┴─────────────────┴──► counter
 *
 * Each person is a run of its own: what an earlier run still hears is passed over, and its blobs and consent are given up.
 * Where the kiosk waits for the person, who goes away without a word is forgotten after `data-clear-after-s`; the other steps
 * end by themselves.
 */
import { byId, h, showProgress } from "./dom.js";
import { showError, showErrorDetails } from "./errors.js";
import { day, inEachLanguage, language, word, wordOrName, words } from "./words.js";

/** The version of the consent's text in `words.js`; to be changed with it. */
const CONSENT_TEXT = "face-2026-11";
/** Which verdicts go on to the face by themselves. */
const GOES_ON = ["genuine"];
const PROOFS = ["passive", "chip", "active"];
/** A card is looked for so long, milliseconds. */
const LOOKED_FOR_MS = 45_000;
/** And waited for in the reader. */
const CARD_WITHIN_MS = 45_000;
/** The steps at which the kiosk waits for the person. */
const WAITS = ["card", "done", "counter"];

export class PersonCard {
  #kiosk;
  #onStep;
  #kinds = new Set();
  #camera;
  #step = "idle";
  #reason = "";
  #identity;
  #portrait;
  #guidance;
  /** The present run: what aborts it. */
  #run = new AbortController();
  #frame;
  /** How the case stands that the person was confirmed for. */
  #case = "";
  /** The person's pictures that the kiosk has. */
  #blobs = new Set();
  /** The person has agreed to the comparison. */
  #agreed = false;
  /** The run that does something at the moment. */
  #working;
  /** When the person is forgotten, and what looks at the clock. */
  #clearAt;
  #clock;

  /** `onStep(step)` hears each step. */
  constructor(kiosk, onStep = () => {}) {
    this.#kiosk = kiosk;
    this.#onStep = onStep;
    const on = (id, step, work) =>
      byId(id).addEventListener("click", () => this.#step === step && this.#working !== this.#run && this.#do(work));
    on("person-agree", "idle", (signal) => this.#consent(true, signal));
    on("person-refuse", "idle", (signal) => this.#consent(false, signal));
    on("person-read", "card", (signal) => this.#typed(signal));
    on("person-show", "card", (signal) => this.#showCard(signal));
    on("person-scan", "card", (signal) => this.#scan(signal));
    for (const id of ["person-stop", "person-leave"]) byId(id).addEventListener("click", () => this.#counter("stopped"));
    byId("person-again").addEventListener("click", () => this.#restart());
    byId("person-can").addEventListener("keydown", ({ key }) => key === "Enter" && byId("person-read").click());
    for (const touch of ["pointerdown", "keydown"]) byId("person-card").addEventListener(touch, () => this.#wait());
    // The session may go on after a reload; this person's part of it does not.
    addEventListener("pagehide", () => this.forget());
    inEachLanguage(() => this.#draw());
  }

  /** A device as it is now. */
  update({ device, kind }) {
    if (kind === "camera") this.#camera ??= device;
    this.#kinds.add(kind);
    byId("person-scan").hidden = !this.#kinds.has("barcode_reader");
    byId("person-show").hidden = !this.#kinds.has("document_reader");
    byId("person-card").hidden = !["camera", "card_reader", "face_matcher"].every((wanted) => this.#kinds.has(wanted));
  }

  /** A case is under way for which nobody needs to be confirmed any more: `told` says how it stands; else it is empty. */
  about(told) {
    if (told === this.#case) return;
    this.#case = told;
    this.#drawCase();
  }

  /** Nothing of the person is left here. */
  forget() {
    if (this.#step !== "idle") this.#restart();
  }

  async #do(work) {
    const run = this.#run;
    const { signal } = run;
    this.#working = run;
    showError(byId("person-error"));
    byId("person-can-wrong").hidden = true;
    try {
      await work(signal);
    } catch (error) {
      // Of a run that is over nobody wants to hear.
      if (signal.aborted) return;
      if (["showing", "reading"].includes(this.#step)) {
        showError(byId("person-error"), error);
        this.#show("card");
      } else {
        // The way is told by the counter's sentence; the error's own might say another.
        this.#counter("failed");
        showErrorDetails(byId("person-error"), error);
      }
    } finally {
      if (this.#working === run) this.#working = undefined;
    }
  }

  async #record(given) {
    this.#agreed = given;
    await this.#kiosk.consent.record("face_match", given, { textVersion: CONSENT_TEXT, language: language() });
  }

  async #consent(given, signal) {
    await this.#record(given);
    signal.throwIfAborted();
    if (!given) return this.#counter("refused");
    this.#show("card");
    byId("person-can").focus();
  }

  /** What opens the card was typed. */
  async #typed(signal) {
    const digits = byId("person-can").value.replace(/\s/g, "");
    const right = /^(\d{6}|\d{12})$/.test(digits);
    byId("person-can-wrong").hidden = right;
    if (right) await this.#read({ can: digits.slice(-6) }, signal);
    else byId("person-can").focus();
  }

  /** What opens the card is read off it by the camera. */
  async #showCard(signal) {
    this.#show("showing");
    const device = this.#camera;
    let access;
    const stop = await this.#kiosk.watch(device, ({ bytes }) => signal.aborted || this.#see(bytes)).catch(() => undefined);
    try {
      for (const until = Date.now() + LOOKED_FOR_MS; !access && Date.now() < until; ) {
        const { blob } = await this.#kiosk.camera.capture({}, { device, signal });
        this.#blobs.add(blob);
        ({ access } = await this.#kiosk.ocr.cardAccess(blob, { signal }));
        this.#forget(blob);
        signal.throwIfAborted();
      }
    } finally {
      this.#see(new Uint8Array());
      stop?.().catch(() => {});
    }
    if (!access) throw Object.assign(new Error("no card was seen"), { code: "unreadable", words: words("personNotSeen") });
    await this.#read(access, signal);
  }

  /** What opens the card comes from its own QR code. */
  async #scan(signal) {
    this.#show("reading");
    showProgress(byId("person-progress"), { text: word("personScanning"), running: true });
    let code;
    try {
      code = await this.#kiosk.barcodeReader.read({ signal });
    } finally {
      showProgress(byId("person-progress"), {});
    }
    signal.throwIfAborted();
    await this.#read({ qr: code.text }, signal);
  }

  /** `access`: what opens the card. */
  async #read(access, signal) {
    byId("person-can").value = "";
    this.#show("reading");
    showProgress(byId("person-progress"), { text: word("personWaiting"), running: true });
    const onProgress = ({ stage, file, got_bytes: got, total_bytes: total }) => {
      const fraction = total > 0 ? got / total : undefined;
      const text = stage === "opened" ? word("personOpened") : word("personReading", file);
      showProgress(byId("person-progress"), { text, running: true, fraction });
    };
    let identity;
    try {
      await this.#kiosk.cardReader.wait("inserted", { signal, timeoutMs: CARD_WITHIN_MS });
      identity = await this.#kiosk.identity.read(access, { signal, onProgress });
    } finally {
      showProgress(byId("person-progress"), {});
    }
    const { portrait, verdict, document } = identity;
    if (portrait) this.#blobs.add(portrait.blob);
    if (signal.aborted) this.#forget(portrait?.blob);
    signal.throwIfAborted();
    const image = portrait && (await this.#kiosk.blob(portrait.blob));
    signal.throwIfAborted();
    this.#identity = identity;
    if (image) this.#portrait = URL.createObjectURL(image);
    if (!GOES_ON.includes(verdict)) return this.#counter("notGenuine");
    if (document.expired) return this.#counter("expired");
    if (!portrait) return this.#counter("noPortrait");
    await this.#face(portrait.blob, signal);
  }

  async #face(portrait, signal) {
    this.#show("face");
    // Where the camera is shown elsewhere on the page already, the words must do.
    const show = ({ bytes }) => signal.aborted || this.#see(bytes);
    const stop = await this.#kiosk.watch(this.#camera, show).catch(() => undefined);
    try {
      const onGuidance = (guidance) => {
        if (signal.aborted) return;
        this.#guidance = guidance;
        this.#drawGuidance();
      };
      const options = { device: this.#camera, signal, onGuidance };
      const { capture, doubts } = await this.#kiosk.face.capture(options);
      signal.throwIfAborted();
      this.#show("alive");
      await this.#kiosk.face.live(capture, options);
      signal.throwIfAborted();
      const { decision, live } = await this.#match(capture, portrait, signal);
      signal.throwIfAborted();
      if (!live || doubts.length > 0) this.#counter("notAlive");
      else if (decision === "match") this.#done();
      else this.#counter(decision === "review" ? "review" : "noMatch");
    } finally {
      this.#guidance = undefined;
      this.#see(new Uint8Array());
      stop?.().catch(() => {});
    }
  }

  /** A face that was lost on the way is no longer there to be compared: it is not alive. */
  async #match(capture, portrait, signal) {
    try {
      return await this.#kiosk.face.match(capture, portrait, { signal });
    } catch (error) {
      if (error.code === "not_found" && error.field === "payload.capture") return { live: false };
      throw error;
    }
  }

  #counter(reason) {
    this.#run.abort();
    this.#run = new AbortController();
    for (const blob of this.#blobs) this.#forget(blob);
    byId("person-can").value = "";
    byId("person-can-wrong").hidden = true;
    this.#show("counter", reason);
  }

  #done() {
    for (const blob of this.#blobs) this.#forget(blob);
    this.#show("done");
  }

  /** The kiosk need not keep this picture; what fails here, the end of the session does. */
  #forget(blob) {
    if (this.#blobs.delete(blob)) this.#kiosk.release(blob).catch(() => {});
  }

  /** For the next person: nothing of the one before is left, neither here nor in the kiosk. */
  #restart() {
    if (this.#portrait) URL.revokeObjectURL(this.#portrait);
    this.#identity = this.#portrait = undefined;
    this.#counter("");
    showError(byId("person-error"));
    this.#show("idle");
    // The kiosk forgets the face with the consent; what fails here, the end of the session does.
    if (this.#agreed) this.#record(false).catch(() => {});
  }

  #show(step, reason = "") {
    this.#step = step;
    this.#reason = reason;
    this.#wait();
    this.#draw();
    this.#onStep(step);
  }

  /** Begins to wait for the person anew. */
  #wait() {
    clearInterval(this.#clock);
    byId("person-clears").textContent = "";
    if (!WAITS.includes(this.#step)) return;
    this.#clearAt = Date.now() + 1000 * Number(byId("person-card").dataset.clearAfterS);
    this.#clock = setInterval(() => this.#tick(), 1000);
    this.#tick();
  }

  #tick() {
    const left = Math.ceil((this.#clearAt - Date.now()) / 1000);
    if (left <= 0) this.#restart();
    else byId("person-clears").textContent = word("personClears", left);
  }

  #draw() {
    const step = this.#step;
    Object.assign(byId("person-card").dataset, { step, reason: this.#reason });
    const shown = {
      "person-access": step === "card",
      "person-mirror": ["showing", "face", "alive"].includes(step),
      "person-leave": step === "card" || step === "reading",
      "person-again": step === "done" || step === "counter",
    };
    for (const [id, visible] of Object.entries(shown)) byId(id).hidden = !visible;
    byId("person-mirror").dataset.of = step === "showing" ? "card" : "face";
    byId("person-result").textContent =
      step === "done" ? word("personDone") : step === "counter" && this.#reason ? word("personCounter", word(`person_${this.#reason}`)) : "";
    byId("person-result").dataset.tone = step === "done" ? "good" : "plain";
    this.#drawCase();
    this.#drawIdentity();
    this.#drawGuidance();
    if (step !== "idle") byId("person-card").scrollIntoView({ block: "end" });
  }

  /** While a case is under way, nobody is asked to agree again. */
  #drawCase() {
    const isIdle = this.#step === "idle";
    byId("person-consent").hidden = !isIdle || this.#case !== "";
    byId("person-case").hidden = !isIdle || this.#case === "";
    byId("person-case").textContent = this.#case && word("personCase", this.#case);
  }

  #drawIdentity() {
    const place = byId("person-identity");
    place.hidden = !this.#identity;
    if (!this.#identity) return place.replaceChildren();
    const { holder, document, proofs, verdict } = this.#identity;
    const fact = (name, value) => (value ? [h("dt", {}, word(name)), h("dd", {}, value)] : []);
    const facts = [
      ...fact("personName", holder.full_name),
      ...fact("personNumber", holder.citizen_number ?? document.number),
      ...fact("personBorn", day(holder.date_of_birth)),
      ...fact("personExpires", document.date_of_expiry && day(document.date_of_expiry)),
    ];
    const proof = (name) => {
      const { result } = proofs[name];
      return h("li", { "data-proof": name, "data-result": result }, `${word(`proof_${name}`)}: ${word(`proof_${result}`)}`);
    };
    const expired = document.expired ? [h("p", { class: "expired" }, word("personExpired"))] : [];
    place.replaceChildren(
      h("p", { id: "person-verdict", "data-verdict": verdict }, wordOrName("verdict_", verdict)),
      ...(this.#portrait ? [h("img", { id: "person-portrait", src: this.#portrait, alt: word("personPortrait") })] : []),
      h("dl", {}, ...facts),
      ...expired,
      h("ul", { id: "person-proofs" }, ...PROOFS.map(proof)),
    );
  }

  #drawGuidance() {
    const { guidance, face, progress = 0 } = this.#guidance ?? {};
    const sentence = this.#step === "showing" ? word("personShowing") : guidance ? wordOrName("guide_", guidance) : "";
    byId("person-guidance").textContent = sentence;
    byId("person-guidance").dataset.guidance = guidance ?? "";
    byId("person-done").style.setProperty("--done", String(progress));
    const box = byId("person-box");
    box.hidden = !face;
    // The picture is shown mirrored, as people know themselves.
    if (face) {
      const part = (value) => `${(value * 100).toFixed(1)}%`;
      Object.assign(box.style, {
        left: part(1 - face.x - face.width),
        top: part(face.y),
        width: part(face.width),
        height: part(face.height),
      });
    }
  }

  #see(bytes) {
    const image = byId("person-image");
    if (this.#frame) URL.revokeObjectURL(this.#frame);
    this.#frame = bytes.length > 0 ? URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })) : undefined;
    if (this.#frame) image.src = this.#frame;
    else image.removeAttribute("src");
  }
}
