/**
 * The person: the card's chip is read and proven, the face is compared with its portrait, with live guidance. Whatever
 * fails or is refused ends at the counter, never in a dead end.
 *
 * idle ─ consent ─► card ─ read ─► face ─ captured ─► alive ─ matched ─► done
 *            └───────┴──────────────┴─────────────────┴──► counter
 */
import { byId, h, showProgress } from "./dom.js";
import { showError } from "./errors.js";
import { inEachLanguage, language, word, wordOrName } from "./words.js";

/** The version of the consent's text in `words.js`; to be changed with it. */
const CONSENT_TEXT = "face-2026-11";
/** Which verdicts go on to the face by themselves. */
const GOES_ON = ["genuine"];
const PROOFS = ["passive", "chip", "active"];

export class PersonCard {
  #kiosk;
  #kinds = new Set();
  #camera;
  #step = "idle";
  #reason = "";
  #identity;
  #portrait;
  #guidance;
  #abort;
  #frame;

  constructor(kiosk) {
    this.#kiosk = kiosk;
    byId("person-agree").addEventListener("click", () => this.#run(() => this.#consent(true)));
    byId("person-refuse").addEventListener("click", () => this.#run(() => this.#consent(false)));
    byId("person-read").addEventListener("click", () => this.#run(() => this.#read()));
    byId("person-stop").addEventListener("click", () => this.#counter("stopped"));
    byId("person-again").addEventListener("click", () => this.#restart());
    byId("person-can").addEventListener("keydown", ({ key }) => key === "Enter" && byId("person-read").click());
    inEachLanguage(() => this.#draw());
  }

  /** A device as it is now. */
  update({ device, kind }) {
    if (kind === "camera") this.#camera ??= device;
    this.#kinds.add(kind);
    byId("person-card").hidden = !["camera", "card_reader", "face_matcher"].every((wanted) => this.#kinds.has(wanted));
  }

  async #run(work) {
    byId("person-error").replaceChildren();
    try {
      await work();
    } catch (error) {
      if (this.#step === "counter") return;
      showError(byId("person-error"), error);
      this.#show(this.#step === "reading" ? "card" : "counter", "failed");
    }
  }

  async #consent(given) {
    await this.#kiosk.consent.record("face_match", given, { textVersion: CONSENT_TEXT, language: language() });
    if (!given) return this.#counter("refused");
    this.#show("card");
    byId("person-can").focus();
  }

  async #read() {
    this.#show("reading");
    showProgress(byId("person-progress"), { text: word("personWaiting"), running: true });
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    await this.#kiosk.cardReader.wait("inserted", { signal });
    const onProgress = ({ stage, file, got_bytes: got, total_bytes: total }) => {
      const fraction = total > 0 ? got / total : undefined;
      const text = stage === "opened" ? word("personOpened") : word("personReading", file);
      showProgress(byId("person-progress"), { text, running: true, fraction });
    };
    try {
      this.#identity = await this.#kiosk.identity.read({ can: byId("person-can").value.trim() }, { signal, onProgress });
    } finally {
      showProgress(byId("person-progress"), {});
    }
    byId("person-can").value = "";
    const { portrait, verdict } = this.#identity;
    if (portrait) this.#portrait = URL.createObjectURL(await this.#kiosk.blob(portrait.blob));
    if (!GOES_ON.includes(verdict) || !portrait) return this.#counter(verdict === "genuine" ? "noPortrait" : "notGenuine");
    await this.#face(portrait.blob, signal);
  }

  async #face(portrait, signal) {
    this.#show("face");
    const stop = await this.#kiosk.watch(this.#camera, ({ bytes }) => this.#see(bytes));
    try {
      const onGuidance = (guidance) => {
        this.#guidance = guidance;
        this.#drawGuidance();
      };
      const options = { device: this.#camera, signal, onGuidance };
      const { capture, doubts } = await this.#kiosk.face.capture(options);
      this.#show("alive");
      const { live } = await this.#kiosk.face.live(capture, options);
      if (!live || doubts.length > 0) return this.#counter("notAlive");
      const { decision } = await this.#kiosk.face.match(capture, portrait, { signal });
      if (decision === "match") this.#show("done");
      else this.#counter(decision === "review" ? "review" : "noMatch");
    } finally {
      this.#guidance = undefined;
      await stop();
      this.#see(new Uint8Array());
    }
  }

  #counter(reason) {
    this.#show("counter", reason);
    this.#abort?.abort();
  }

  #restart() {
    if (this.#portrait) URL.revokeObjectURL(this.#portrait);
    this.#identity = this.#portrait = undefined;
    byId("person-error").replaceChildren();
    this.#show("idle");
  }

  #show(step, reason = "") {
    this.#step = step;
    this.#reason = reason;
    this.#draw();
  }

  #draw() {
    const step = this.#step;
    Object.assign(byId("person-card").dataset, { step, reason: this.#reason });
    const shown = {
      "person-consent": step === "idle",
      "person-access": step === "card",
      "person-mirror": step === "face" || step === "alive",
      "person-again": step === "done" || step === "counter",
    };
    for (const [id, visible] of Object.entries(shown)) byId(id).hidden = !visible;
    byId("person-result").textContent =
      step === "done" ? word("personDone") : step === "counter" ? word("personCounter", word(`person_${this.#reason}`)) : "";
    byId("person-result").dataset.tone = step === "done" ? "good" : "plain";
    this.#drawIdentity();
    this.#drawGuidance();
    if (step !== "idle") byId("person-card").scrollIntoView({ block: "end" });
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
      ...fact("personBorn", holder.date_of_birth),
      ...fact("personExpires", document.date_of_expiry),
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
    byId("person-guidance").textContent = guidance ? wordOrName("guide_", guidance) : "";
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
