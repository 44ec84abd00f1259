/** What an officer's key signs, and the signatures themselves. */
import type { Calls } from "./types.d.ts";

type Enrol = Calls["approval.enrol"]["request"];
type SignIn = Calls["approval.sign_in"]["request"];
type Decide = Calls["approval.decide"]["request"];
type Revoke = Calls["register.revoke"]["request"];
type Settle = Calls["approval.settle"]["request"];

/** For `approval.enrol`. */
export function enrolment(of: Pick<Enrol, "officer" | "nonce" | "public_key">): string;
/** For `approval.sign_in`. */
export function signingIn(of: Pick<SignIn, "officer" | "nonce">): string;
/** For `approval.decide`. */
export function decision(of: Pick<Decide, "case" | "content" | "decision" | "reason">): string;
/** For `register.revoke`. */
export function revocation(of: Pick<Revoke, "case" | "reason">): string;
/** For `approval.settle`. */
export function settlement(of: Pick<Settle, "delivery" | "attempts" | "outcome">): string;
/** For the `reprint` of `case.print`. */
export function reprinting(of: { case: string; nonce: string }): string;

/** Base64url without padding. */
export function base64url(bytes: ArrayBuffer): string;
/** A new pair of keys (ECDSA P-256); nobody can read the private one. */
export function newKeys(): Promise<CryptoKeyPair>;
/** The public key as `approval.enrol` takes it. */
export function publicKey(keys: CryptoKeyPair): Promise<string>;
/** Signs a statement: r and s, 32 bytes each, base64url. */
export function sign(keys: CryptoKeyPair, text: string): Promise<string>;
