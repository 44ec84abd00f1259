/** Who stood at the kiosk: what the card says, what proves it, and whether the face is the same. */
import { byId, h } from "../dom.js";
import { day, word, wordOrName } from "../words.js";

/** The proofs, and how each result looks; never told by colour alone. */
const PROOFS = ["passive", "chip", "active"];
const SIGNS = { good: "✓", warn: "⚠", bad: "✗" };
const TONES = {
  genuine: "good", may_be_copy: "warn", unproven: "warn", copy: "bad", forged: "bad",
  passed: "good", not_offered: "warn", not_possible: "warn", failed: "bad",
  match: "good", review: "warn", no_match: "bad",
};

/** Shows the person; nobody is an answer, too. */
export function drawPerson(evidence) {
  const place = byId("person-facts");
  if (!evidence) return place.replaceChildren(judged("p", "warn", word("personUnknown")));
  const { identity, face } = evidence;
  const { holder, document: card, verdict, proofs } = identity;
  const fact = (name, value, kind) => (value ? [h("dt", {}, word(name)), h("dd", { class: kind }, value)] : []);
  const proof = (name) => {
    const { result, reason } = proofs[name];
    const said = judged("span", TONES[result], `${word(`proof_${name}`)}: ${wordOrName("proof_", result)}`);
    return h("li", { "data-proof": name, "data-result": result }, said, reason && h("small", { lang: "en" }, reason));
  };
  place.replaceChildren(
    h(
      "dl",
      {},
      ...fact("personName", holder.full_name, "name"),
      ...fact("personNumber", grouped(holder.citizen_number) ?? card.number, "number"),
      ...fact("personBorn", day(holder.date_of_birth)),
      ...fact("personSex", holder.sex && wordOrName("sex_", holder.sex)),
      ...fact("personExpires", card.date_of_expiry && day(card.date_of_expiry)),
      ...fact("personLives", holder.place_of_residence),
    ),
    card.expired ? judged("p", "warn", word("personExpired")) : "",
    judged("p", TONES[verdict], wordOrName("verdict_", verdict), "verdict"),
    h("ul", { class: "proofs" }, ...PROOFS.map(proof)),
    ...faceOf(face),
  );
}

/** Nobody. */
export function clearPerson() {
  byId("person-facts").replaceChildren();
}

function faceOf(face) {
  if (!face) return [judged("p", "warn", word("faceNone"), "verdict")];
  const { decision, band, live } = face;
  return [
    judged("p", TONES[decision] ?? "warn", `${wordOrName("face_", decision)} (${wordOrName("band_", band)})`, "verdict"),
    h("ul", { class: "proofs" }, h("li", {}, judged("span", live ? "good" : "warn", word(live ? "faceLive" : "faceNotLive")))),
  ];
}

function judged(tag, tone, text, kind = "") {
  return h(tag, { class: `judged ${kind}`, "data-tone": tone }, h("span", { class: "mark", "aria-hidden": "true" }, SIGNS[tone] ?? ""), text);
}

/** A citizen's number, three digits at a time. */
function grouped(digits) {
  return digits?.replace(/(\d{3})(?=\d)/g, "$1 ");
}
