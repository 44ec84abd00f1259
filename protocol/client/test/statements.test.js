import test from "node:test";
import assert from "node:assert/strict";
import { decision, enrolment, newKeys, publicKey, reprinting, revocation, settlement, sign, signingIn } from "../statements.js";

const of = "0123456789abcdef0123456789abcdef";

test("statements are lines of a name and a value, the kind and its version first", () => {
  const enrol = { officer: "nguyet", nonce: "ab", public_key: "BA", invitation: "not in it" };
  assert.equal(enrolment(enrol), "kiosk-gateway enrol 1\nofficer nguyet\nnonce ab\nkey BA\n");
  assert.equal(signingIn({ officer: "nguyet", nonce: "ab" }), "kiosk-gateway sign-in 1\nofficer nguyet\nnonce ab\n");
  const head = `kiosk-gateway decision 1\ncase ${of}\ncontent 77\n`;
  assert.equal(decision({ case: of, content: "77", decision: "approve" }), `${head}decision approve\nreason -\n`);
  const refused = { case: of, content: "77", decision: "refuse", reason: "scan_poor" };
  assert.equal(decision(refused), `${head}decision refuse\nreason scan_poor\n`);
  assert.equal(revocation({ case: of, reason: "issued_in_error" }), `kiosk-gateway revocation 1\ncase ${of}\nreason issued_in_error\n`);
  assert.equal(settlement({ delivery: 7, attempts: 2, outcome: "not_printed" }), "kiosk-gateway settlement 1\ndelivery 7\nattempts 2\noutcome not_printed\n");
  assert.equal(reprinting({ case: of, nonce: "ab" }), `kiosk-gateway reprint 1\ncase ${of}\nnonce ab\n`);
});

test("a signature is 64 bytes that the public key of 65 bytes verifies; the private key cannot be had", async () => {
  const keys = await newKeys();
  const [key, signature] = await Promise.all([publicKey(keys), sign(keys, "text\n")]).then((both) => both.map((text) => Buffer.from(text, "base64url")));
  assert.equal(key.length, 65);
  assert.equal(signature.length, 64);
  const how = { name: "ECDSA", hash: "SHA-256" };
  assert.ok(await crypto.subtle.verify(how, keys.publicKey, signature, Buffer.from("text\n")));
  assert.ok(!(await crypto.subtle.verify(how, keys.publicKey, signature, Buffer.from("text"))));
  await assert.rejects(crypto.subtle.exportKey("pkcs8", keys.privateKey));
});
