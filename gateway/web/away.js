/**
 * What becomes of the screen while the gateway is away: who has walked off must not leave his papers on it, and who still stands
 * here is told why they are gone and what to do.
 */
import { byId } from "./dom.js";
import { inEachLanguage, word } from "./words.js";

/** Calls `forget()` once there was no connection for `data-cleared-after-s` of the body. */
export function whenAway(kiosk, forget) {
  const told = byId("cleared");
  const draw = () => (told.textContent = word(kiosk.connection === "connected" ? "clearedBack" : "clearedAway"));
  let timer;
  kiosk.on("connection", (state) => {
    draw();
    if (state === "connected") {
      clearTimeout(timer);
      timer = undefined;
      return;
    }
    timer ??= setTimeout(() => {
      forget();
      told.hidden = false;
    }, 1000 * Number(document.body.dataset.clearedAfterS));
  });
  // Who goes on has read it.
  addEventListener("pointerdown", () => (told.hidden ||= kiosk.connection === "connected"));
  inEachLanguage(draw);
}
