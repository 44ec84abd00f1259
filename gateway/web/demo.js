/**
 * The demo kiosk page: scan, read, print, and see how the devices are. It is built from the client package alone and
 * needs no build step; each part has a file of its own, this one puts them together.
 *
 * What a browser test can hold on to (ids unless said otherwise; these do not change without need):
 *
 * | what | where |
 * |---|---|
 * | connection | `connection` [data-state = connecting, connected, reconnecting, lost, closed], `connection-error` |
 * | cleared while the gateway was away | `cleared`; `body` [data-cleared-after-s] |
 * | language | `language-vi`, `language-en` [aria-pressed]; `<html lang>` |
 * | end of the session | `finish-button` |
 * | source | `source-flatbed`, `source-adf` |
 * | scan | `scan-button`, `scan-cancel`, `scan-error` |
 * | its progress | `scan-progress` [data-phase = idle, waiting, receiving, done, failed, cancelled] [data-bytes] [data-pages] |
 * | page image | `page-image` [data-complete] [data-page] [data-bytes]; pages to choose: `page-list`, testid `page-button` [data-page] |
 * | reading | `reading-progress` [data-stage = idle, waiting, decoding, detecting, recognising, done, failed] [data-done] [data-total], `reading-error`, `read-again` |
 * | text over the page | `reading-toggle`, `page-reading` [data-shown]; testids `text-line` [data-confidence], `unsure-box` |
 * | plain text | `page-text`; testids `text-plain-line`, `unsure-word` |
 * | tabs | `tab-page`, `tab-text`, `tab-paper`; `view-page`, `view-text`, `view-paper` |
 * | print | `print-button`, `print-error`, `print-progress` [data-phase = idle, waiting, printing, printed, failed, unknown, seen] |
 * | an unknown outcome | `print-question`, `print-seen`, `print-again` |
 * | paper | `paper-image` [data-of = receipt_printer, page_printer] (demo only) |
 * | camera | `camera-card`, `camera-image` [data-live] [data-pictures], `camera-live` [aria-pressed], `camera-photo`, `camera-error` |
 * | person | `person-card` [data-step = idle, card, showing, reading, face, alive, done, counter] [data-reason] [data-clear-after-s]; `person-consent`, `person-case`; `person-agree`, `person-refuse`, `person-can`, `person-can-wrong`, `person-read`, `person-show`, `person-scan`, `person-clears`, `person-leave`, `person-stop`, `person-again`, `person-error`; `person-verdict` [data-verdict], `person-portrait`, in `person-proofs` [data-proof] [data-result]; `person-guidance` [data-guidance]; `person-result` |
 * | certified copy | `certified-card` [data-step = idle, working, waiting, again, done, ended] [data-state] [data-clear-after-s] [data-abandoned-after-s]; `certified-begin`, `certified-hint`, `certified-progress`, `certified-told`, `certified-officer`, `certified-leave`, `certified-again`, `certified-error`; `copy-number`, `copy-code`; `copy-receipt-…`, `copy-print-…` as of the receipt, the latter without a question; `mail-address`, `mail-button`, `mail-told` |
 * | second screen | `qr-card` [data-showing], `qr-open`, `qr-show`, `qr-clear`, `qr-error` |
 * | UPS | `ups` [data-power = mains, battery, unknown] [data-low] [data-live]; `ups-power`; `ups-charge`, `ups-runtime`, `ups-load` [data-value] |
 * | devices | testid `device-row` = `device-NAME` [data-kind] [data-state] [data-recovery-ms]; in it testids `device-state`, `device-identity`, `device-facts`, `device-recovery`, `device-problem` |
 * | simulators (demo only) | `plug-scanner`, `plug-printer`, `plug-page_printer`, `plug-ups` [data-plugged]; `fault-SIMULATOR-FAULT` [aria-pressed]; `set-SIMULATOR-WHAT` (`set-scanner-loadFeeder`) |
 * | an error anywhere | testid `error` [data-code], in it `error-message`, `error-details` |
 */
import { Kiosk } from "/client/kiosk-client.js";
import { whenAway } from "./away.js";
import { CameraCard } from "./camera.js";
import { CertifiedCard } from "./certified.js";
import { gatewayUrl, showConnection } from "./connection.js";
import { DeviceList } from "./devices.js";
import { byId } from "./dom.js";
import { showError } from "./errors.js";
import { PersonCard } from "./person.js";
import { QrCard } from "./qr.js";
import { Reader } from "./reader.js";
import { PrintStep, printReceipt, scanReceipt } from "./receipt.js";
import { ScanStep } from "./scan.js";
import { Simulators } from "./simulators.js";
import { Stage } from "./stage.js";
import { drawUps } from "./ups.js";
import { inEachLanguage, apply, setLanguage, word } from "./words.js";

async function start() {
  for (const language of ["vi", "en"]) byId(`language-${language}`).addEventListener("click", () => setLanguage(language));
  apply();
  let kiosk;
  let devices;
  inEachLanguage(() => showConnection(kiosk?.connection ?? "connecting"));
  // The page is shown before the gateway is there, and stays until it is.
  const options = { url: gatewayUrl(), client: { name: "demo-page", version: "1" }, storage: sessionStorage, connectTimeoutMs: Infinity };
  kiosk = await Kiosk.connect(options);
  const simulators = await Simulators.find((kind) => devices.plugged(kind));
  devices = new DeviceList((view) => simulators?.controlsFor(view));

  const drawPower = () => {
    const view = [...kiosk.devices.values()].find(({ kind }) => kind === "ups");
    drawUps(view, kiosk.connection === "connected");
  };
  const reader = new Reader(kiosk);
  let certified;
  const stage = new Stage((page) => {
    reader.draw(page);
    certified?.draw();
  });
  const scan = new ScanStep(kiosk, stage, reader);
  const showPaper = async (kind) => {
    if (!simulators) return;
    await simulators.showPaper(kind);
    stage.open("paper");
  };
  const receipt = (onProgress) => printReceipt(kiosk, scanReceipt(stage.complete.length), onProgress);
  new PrintStep("print", receipt, () => showPaper("receipt_printer"));
  const person = new PersonCard(kiosk, (step) => certified.person(step));
  const onForget = () => simulators?.forgetPaper();
  certified = new CertifiedCard(kiosk, { stage, reader, onPaper: showPaper, onForget, onCase: (told) => person.about(told) });
  const camera = new CameraCard(kiosk);

  const cards = [camera, new QrCard(kiosk), person, certified];
  kiosk.on("device", (view) => {
    devices.update(view);
    cards.forEach((card) => card.update(view));
    if (view.kind === "ups") drawPower();
  });
  kiosk.on("connection", (state, reason) => {
    showConnection(state);
    document.body.dataset.connection = state;
    drawPower();
    if (state === "closed") showError(byId("connection-error"), reason);
  });
  whenAway(kiosk, () => {
    for (const each of [scan, person, camera]) each.forget();
    certified.hide();
  });
  byId("finish-button").addEventListener("click", async () => {
    certified.forget();
    await kiosk.end();
    // The next one begins in the kiosk's own language.
    setLanguage("vi");
    location.reload();
  });
  for (const view of kiosk.devices.values()) {
    devices.update(view);
    cards.forEach((card) => card.update(view));
  }
  inEachLanguage(() => {
    showConnection(kiosk.connection);
    devices.draw();
    drawPower();
  });
  byId("print-button").disabled = false;
}

start().catch((error) => {
  // A gateway that refuses this page for good: the citizen is told, the technician finds the reason.
  showConnection("closed");
  showError(byId("connection-error"), error);
});
