/** Tells when nobody has used the page for a while. */

const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel"];
const LOOK_EVERY_MS = 1000;

/** Calls `onIdle` once nobody has touched anything for `seconds()`, again after each further such time. */
export function whenIdle(seconds, onIdle) {
  let usedAt = Date.now();
  const look = () => {
    if (Date.now() - usedAt < 1000 * seconds()) return;
    usedAt = Date.now();
    onIdle();
  };
  const use = () => {
    // A machine that slept ran no timers: the first touch after it comes too late.
    look();
    usedAt = Date.now();
  };
  for (const sign of SIGNS_OF_LIFE) addEventListener(sign, use, { capture: true, passive: true });
  setInterval(look, LOOK_EVERY_MS);
}
