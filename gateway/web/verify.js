/**
 * The page on which anybody verifies a copy: by the code on the paper, by the QR code (which opens this page as `/c/CODE`), or by
 * the file. The gateway that served it is asked, and nobody else.
 *
 * What a browser test can hold on to (ids; these do not change without need):
 *
 * | what | where |
 * |---|---|
 * | state | `body` [data-state = ask, asking, told]; `progress`, `stop` |
 * | code | `code`, `code-shown`, `code-button`, `code-error` [data-code] |
 * | file | `file`, `drop`, `file-error` [data-code] |
 * | the file again | `fetch`, `holder`, `fetch-button`, `fetch-told` |
 * | answer | `result` [data-verdict = valid, revoked, not_signed_yet, unknown, genuine, genuine_updated, altered, not_proven, no_certified_copy], `verdict` [data-tone = good, note, doubt, bad], `headline`, `advice`, `facts`, `technical`, in `checked` [data-weight]; `again` |
 */
import { byId, h, showProgress } from "./dom.js";
import { ofCode, ofFile } from "./verify/answers.js";
import { codeIn, groupsOf } from "./verify/code.js";
import { fetchCopy } from "./verify/fetch.js";
import { clearResult, drawResult } from "./verify/result.js";
import "./verify/words.js";
import { apply, inEachLanguage, language, setLanguage, word } from "./words.js";

/** The gateway takes files up to this size. */
const FILE_MOST = 64 * 1024 * 1024;

/** What was answered: `{ code, copy }` (a `VerifiedCode`, or null if there is none) and `{ file, answer }`. */
let told = {};
let problem;
let abort;
/** What is being asked, and what became of the file: words of this page. */
let asked;
let fetched;

/** Asks, and shows the answer or the problem; a new question ends the one before. */
async function ask(where, words, question) {
  abort?.abort();
  const { signal } = (abort = new AbortController());
  problem = undefined;
  // What was said of another copy must not stand beside what becomes of this one.
  told = {};
  asked = words;
  fetched = undefined;
  show("asking");
  try {
    const answer = await question(signal);
    if (signal.aborted) return;
    told = answer;
    show("told");
    byId("result").focus({ preventScroll: true });
    scrollTo(0, 0);
  } catch (error) {
    if (signal.aborted) return;
    problem = { where, code: error.code ?? "unreachable", key: error.key ?? "notReached", at: error.at, words: error.words };
    show("ask");
    byId(where).focus();
  }
}

/** Fails with what the page says of a refusal. */
async function json(response) {
  if (response.ok) return response.json();
  const { error } = await response.json().catch(() => ({}));
  const key = { 413: "fileTooLarge", 429: "tooMany" }[response.status];
  throw Object.assign(new Error(`the gateway answered ${response.status}`), { code: error?.code ?? `http_${response.status}`, key, words: error?.message, detail: error?.detail });
}

/** What the gateway says of the claims behind `#`; null if there are none, or nobody can say. */
async function claimsOf(qr, signal) {
  if (!qr.includes("#")) return null;
  try {
    return await json(await fetch("/v1/qr", { method: "POST", body: qr, cache: "no-store", signal }));
  } catch {
    return null;
  }
}

/** `qr`: where a QR code has led here, its address from `/c/` on. */
function askCode(code, qr) {
  return ask("code", "codeAsking", async (signal) => {
    if (groupsOf(code).length === 0) throw { code: "empty", key: "codeEmpty" };
    try {
      const copy = await json(await fetch(`/v1/copies/${encodeURIComponent(code)}`, { cache: "no-store", signal }));
      return { code, copy, claims: qr && (await claimsOf(qr, signal)) };
    } catch (error) {
      if (error.code === "not_found") return { code, copy: null };
      if (error.code === "unknown_device") error.key = "noRegister";
      if (error.code === "invalid_request") Object.assign(error, mistyped(error.detail ?? ""));
      throw error;
    }
  });
}

/** What is wrong with a code, out of the gateway's sentence for developers. */
function mistyped(detail) {
  const at = /\bsign (\d+)\b/.exec(detail)?.[1];
  if (at) return { key: "codeWrongAt", at: Number(at) };
  if (/another agency/.test(detail)) return { key: "codeOther" };
  return { key: /letters and digits/.test(detail) ? "codeLength" : "codeWrong" };
}

function askFile(file) {
  const { code, copy } = told;
  return ask("file", "fileAsking", async (signal) => {
    if (file.size > FILE_MOST) throw { code: "too_large", key: "fileTooLarge" };
    const headers = { "Content-Type": "application/pdf" };
    const besides = copy ? `?code=${encodeURIComponent(code)}` : "";
    const response = await fetch(`/v1/verify${besides}`, { method: "POST", headers, body: file, cache: "no-store", signal });
    // Files are judged one at a time.
    if (response.status === 429) throw { code: "busy", key: "fileBusy" };
    const answer = await json(response);
    return { code, copy, file: file.name, answer };
  });
}

function show(state) {
  document.body.dataset.state = state;
  byId("progress").hidden = state !== "asking";
  byId("result").hidden = byId("again").hidden = state !== "told";
  draw();
}

function draw() {
  document.title = word("verifyTitle");
  if (asked) showProgress(byId("progress"), { text: word(asked), running: true });
  const wrong = drawGroups(groupsOf(codeIn(byId("code").value)), problem?.at);
  for (const where of ["code", "file"]) {
    const here = problem?.where === where ? problem : undefined;
    const place = byId(`${where}-error`);
    place.dataset.code = here?.code ?? "";
    place.textContent = here ? (here.key === "notReached" && here.words?.[language()]) || word(here.key, wrong) : "";
    byId(where).setAttribute("aria-invalid", String(Boolean(here)));
  }
  // One whose holder is not told is not kept any more.
  byId("fetch-told").textContent = fetched ? word(fetched) : "";
  // Who has found the copy by its code may want to see more of it, not another one.
  byId("by-code").hidden = Boolean(told.copy);
  byId("by-file-title").textContent = word(told.copy?.standing === "valid" && !told.answer ? "byFileToo" : "byFileTitle");
  byId("fetch").hidden = !(told.copy?.standing === "valid" && told.copy.holder && !told.answer);
  if (told.answer) drawResult(ofFile(told));
  else if (told.copy !== undefined) drawResult(ofCode(told));
}

/** The file once more, for the holder. */
async function fetchAgain() {
  const { code, copy } = told;
  const digits = byId("holder").value.replace(/\s/g, "");
  const say = (key) => {
    if (told.code !== code) return;
    fetched = key;
    draw();
  };
  if (!/^\d{12}$/.test(digits)) return say("fetchWrong");
  byId("fetch-button").disabled = true;
  say();
  try {
    await fetchCopy(code, digits, `${copy.number.replaceAll("/", "-")}.pdf`);
    byId("holder").value = "";
    say("fetchDone");
  } catch (error) {
    say({ not_permitted: "fetchRefused", busy: "tooMany" }[error.code] ?? "notReached");
  } finally {
    byId("fetch-button").disabled = false;
  }
}

/** Shows the groups of the code, with the sign that may be wrong (counted with the dashes, from 1); gives its group. */
function drawGroups(groups, at) {
  let begins = 1;
  let wrong;
  const group = (signs) => {
    const place = at - begins;
    begins += signs.length + 1;
    if (!(place >= 0 && place < signs.length)) return h("span", {}, signs);
    wrong = signs;
    return h("span", {}, signs.slice(0, place), h("mark", {}, signs[place]), signs.slice(place + 1));
  };
  byId("code-shown").replaceChildren(...groups.map(group));
  return wrong ?? "";
}

function restart() {
  abort?.abort();
  told = {};
  problem = undefined;
  byId("code").value = byId("file").value = byId("holder").value = "";
  fetched = undefined;
  clearResult();
  // The code of the copy before stands in the address.
  if (location.pathname !== "/verify") history.replaceState(undefined, "", "/verify");
  show("ask");
  byId("code").focus();
}

for (const wanted of ["vi", "en"]) byId(`language-${wanted}`).addEventListener("click", () => setLanguage(wanted));
byId("code").addEventListener("input", () => {
  if (problem?.where === "code") problem = undefined;
  draw();
});
byId("by-code").addEventListener("submit", (event) => {
  event.preventDefault();
  byId("code").value = groupsOf(codeIn(byId("code").value)).join("-");
  askCode(byId("code").value);
});
byId("file").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  if (file) askFile(file);
  // The same file may be chosen again.
  target.value = "";
});
byId("fetch").addEventListener("submit", (event) => {
  event.preventDefault();
  fetchAgain();
});
byId("again").addEventListener("click", restart);
byId("stop").addEventListener("click", () => {
  abort?.abort();
  show(told.copy !== undefined || told.answer ? "told" : "ask");
});
for (const event of ["dragover", "dragleave", "drop"]) {
  addEventListener(event, (drag) => {
    drag.preventDefault();
    document.body.classList.toggle("dropping", event === "dragover");
    const [file] = drag.dataTransfer?.files ?? [];
    if (event === "drop" && file) askFile(file);
  });
}
apply();
inEachLanguage(draw);

const scanned = /^\/c\/./.test(location.pathname) && codeIn(location.pathname);
if (scanned) {
  byId("code").value = groupsOf(scanned).join("-");
  askCode(byId("code").value, location.pathname + location.hash);
}
