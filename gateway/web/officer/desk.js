/**
 * Who sits here: one of the officers of this browser, his pass while he is signed in, and all that is asked or signed in his name.
 *
 * nobody ─ enrol ─► enrolled ─ signIn ─► signed in ─ leave ─► enrolled
 */
import { decision, enrolment, newKeys, publicKey, reprinting, revocation, settlement, sign, signingIn } from "/client/statements.js";
import { keep, recall } from "./keys.js";

export class Desk {
  kiosk;
  /** The officers who have a key in this browser. */
  #enrolled = [];
  /** The one who sits here. */
  #record;
  #signedIn;
  /** Counts the visits: one ends when the officer leaves. */
  #visit = 0;

  /** Looks for the officers of this browser. */
  static async open(kiosk) {
    const desk = new Desk();
    desk.kiosk = kiosk;
    desk.#enrolled = await recall();
    return desk;
  }

  /** The officers of this browser: `{ officer, name }` each. */
  get enrolled() {
    return this.#enrolled;
  }

  /** The reply to `approval.sign_in`, while somebody is signed in. */
  get signedIn() {
    return this.#signedIn;
  }

  /** Makes a key and binds it to the officer. A key that he had before stays until the new one counts. */
  async enrol(officer, invitation) {
    const keys = await newKeys();
    const { nonce } = await this.kiosk.approval.challenge();
    const request = { officer, nonce, public_key: await publicKey(keys) };
    const signature = await sign(keys, enrolment(request));
    await this.kiosk.approval.enrol({ ...request, invitation, signature });
    await this.#keep({ officer, name: officer, keys });
  }

  /** Gets a pass for one of the officers; who has left meanwhile is not signed in by it. */
  async signIn(officer) {
    const visit = this.#visit;
    const record = this.#enrolled.find((each) => each.officer === officer);
    const { keys } = record;
    const { nonce } = await this.kiosk.approval.challenge();
    const reply = await this.kiosk.approval.signIn({ officer, nonce, signature: await sign(keys, signingIn({ officer, nonce })) });
    if (visit !== this.#visit) return;
    this.#signedIn = reply;
    this.#record = record;
    const { name } = reply;
    if (name !== record.name) await this.#keep({ ...record, name });
  }

  /** In this browser, and in its list. */
  async #keep(record) {
    await keep(record);
    this.#enrolled = await recall();
  }

  /** Forgets the pass; the keys stay. */
  leave() {
    this.#visit++;
    this.#signedIn = undefined;
  }

  list() {
    return this.#withPass((pass) => this.kiosk.approval.list(pass));
  }

  case(of, options) {
    return this.#withPass((pass) => this.kiosk.approval.case(pass, of, options));
  }

  /** There is a printer for copies. */
  get prints() {
    return [...this.kiosk.devices.values()].some(({ kind }) => kind === "page_printer");
  }

  reprint(of) {
    return this.#withPass(async (pass) => {
      const { nonce } = await this.kiosk.approval.challenge();
      const signature = await sign(this.#record.keys, reprinting({ case: of, nonce }));
      return this.kiosk.case.print(of, { reprint: { pass, nonce, signature } });
    });
  }

  async settle({ delivery, attempts }, outcome) {
    const signature = await sign(this.#record.keys, settlement({ delivery, attempts, outcome }));
    return this.#withPass((pass) => this.kiosk.approval.settle({ pass, delivery, attempts, outcome, signature }));
  }

  /** `decided`: case, content, decision, and a reason unless it is approved. */
  async decide(decided) {
    const signature = await sign(this.#record.keys, decision(decided));
    return this.#withPass((pass) => this.kiosk.approval.decide({ pass, ...decided, signature }));
  }

  /** `revoked`: case and reason. */
  async revoke(revoked) {
    const signature = await sign(this.#record.keys, revocation(revoked));
    return this.#withPass((pass) => this.kiosk.register.revoke({ pass, ...revoked, signature }));
  }

  /** `call`: "search", "statistics" or "export". */
  register(call, wanted) {
    return this.#withPass((pass) => this.kiosk.register[call]({ pass, ...wanted }));
  }

  /** A pass is not good for ever, nor in a signer that was started anew: then a new one is got, once. */
  async #withPass(call) {
    const { pass } = this.#signedIn ?? {};
    if (!pass) throw new Error("nobody is signed in");
    try {
      return await call(pass);
    } catch (error) {
      const visit = this.#visit;
      // Where paper may lie, nothing is tried again.
      const mayBeDone = error.outcome && error.outcome !== "not_printed";
      if (error.code !== "not_permitted" || mayBeDone || !this.#signedIn) throw error;
      await this.signIn(this.#record.officer);
      if (visit !== this.#visit) throw error;
      return call(this.#signedIn.pass);
    }
  }
}
