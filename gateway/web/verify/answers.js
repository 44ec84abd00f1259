/** Answers in words: what `drawResult` takes. */
import { language, moment, word, wordOrName } from "../words.js";

const TONES = {
  valid: "good", revoked: "bad", not_signed_yet: "note", unknown: "bad",
  genuine: "good", genuine_updated: "good", altered: "bad", not_proven: "doubt", no_certified_copy: "doubt",
};

/**
 * To a code: `copy` is a `VerifiedCode`, or null if there is none; `claims` the gateway's answer about the QR code, null if
 * it was not whole, undefined if the code was typed.
 */
export function ofCode({ code, copy, claims }) {
  const standing = copy?.standing ?? "unknown";
  // A code that somebody has copied before claims of his own is right, and its paper may not be.
  const forged = standing === "valid" && claims && claims.verdict !== "issued" && claims;
  const verdict = forged ? forged.verdict : standing;
  const looked = copy
    ? [
        ...(claims ? claims[language()].sentences.slice(0, 1) : []),
        { weight: "good", text: word("checkedRegister") },
        standing === "revoked" ? { weight: "bad", text: word("checkedWithdrawnYes") } : { weight: "good", text: word("checkedWithdrawn") },
      ]
    : [{ weight: "bad", text: word("checkedRegisterNot") }];
  const not = ["uncheckedPaper", "uncheckedFile", ...(claims === null ? ["uncheckedQr"] : [])].map((key) => ({ weight: "note", text: word(key) }));
  return {
    verdict,
    tone: standing === "valid" && claims === null ? "note" : TONES[verdict],
    headline: forged ? forged[language()].headline : word(`standing_${standing}`, copy?.revoked_ms && moment(copy.revoked_ms)),
    advice: forged ? forged[language()].advice : word(`advice_${standing}`),
    facts: [...(copy ? factsOf(copy) : []), [word("factCode"), code, "code"]],
    technical: copy ? [[word("factHash"), copy.file_sha256.at(-1)]] : [],
    checked: [{ title: word("checkedTitle"), items: looked }, { title: word("uncheckedTitle"), items: copy ? not : [] }],
  };
}

/** To a file: the gateway's own sentences. It has asked the register too, for the code that was looked up before, or the file. */
export function ofFile({ copy, file, answer }) {
  const { headline, advice, sentences } = answer[language()];
  const isThatCopy = copy?.file_sha256.includes(answer.file_sha256);
  return {
    verdict: answer.verdict,
    // Whether it was withdrawn only the register knows that has it.
    tone: TONES[answer.verdict] === "good" && !isAsked(answer) ? "note" : (TONES[answer.verdict] ?? "doubt"),
    headline,
    advice,
    facts: [
      ...(isThatCopy ? factsOf(copy) : []),
      [word("factFile"), file],
      [word("factPages"), answer.pages && String(answer.pages)],
      [word("factJudged"), moment(answer.judged_at)],
    ],
    technical: [[word("factHash"), answer.file_sha256]],
    checked: [{ title: word("checkedTitle"), items: sentences }],
  };
}

/** What the register says of a copy. */
function factsOf(copy) {
  return [
    [word("factNumber"), copy.number, "large"],
    [word("factVolume"), copy.book],
    [word("factDate"), moment(copy.certified_ms)],
    [word("factAgency"), copy.agency],
    [word("factProcedure"), wordOrName("procedure_", copy.procedure)],
    [word("factHolder"), copy.holder && word("holder", copy.holder)],
    [word("factOriginal"), word("original", copy.pages)],
  ];
}

/** Whether a register has said that it was not withdrawn. */
function isAsked(answer) {
  return answer.findings.every(({ finding }) => finding !== "not_asked_withdrawn");
}
