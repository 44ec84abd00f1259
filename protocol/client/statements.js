/**
 * What an officer's key signs, and the signatures themselves: ECDSA P-256 with SHA-256 over the UTF-8 text of a statement, as
 * the protocol's reference page tells it. The signer checks them; the gateway only passes them on.
 */

/** P-256, as WebCrypto calls it. */
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

function statement(of, fields) {
  return `kiosk-gateway ${of} 1\n${Object.entries(fields).map(([name, value]) => `${name} ${value}\n`).join("")}`;
}

/** For `approval.enrol`. */
export const enrolment = ({ officer, nonce, public_key: key }) => statement("enrol", { officer, nonce, key });

/** For `approval.sign_in`. */
export const signingIn = ({ officer, nonce }) => statement("sign-in", { officer, nonce });

/** For `approval.decide`. */
export const decision = ({ case: of, content, decision: decided, reason }) =>
  statement("decision", { case: of, content, decision: decided, reason: reason ?? "-" });

/** For `register.revoke`. */
export const revocation = ({ case: of, reason }) => statement("revocation", { case: of, reason });

/** For `approval.settle`. */
export const settlement = ({ delivery, attempts, outcome }) => statement("settlement", { delivery, attempts, outcome });

/** For the `reprint` of `case.print`. */
export const reprinting = ({ case: of, nonce }) => statement("reprint", { case: of, nonce });

/** Base64url without padding. */
export function base64url(bytes) {
  const text = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A new pair of keys; nobody can read the private one, not even this page. */
export function newKeys() {
  return crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
}

/** The public key as `approval.enrol` takes it. */
export async function publicKey(keys) {
  return base64url(await crypto.subtle.exportKey("raw", keys.publicKey));
}

/** Signs a statement: r and s, 32 bytes each. */
export async function sign(keys, text) {
  const how = { name: "ECDSA", hash: "SHA-256" };
  return base64url(await crypto.subtle.sign(how, keys.privateKey, new TextEncoder().encode(text)));
}
