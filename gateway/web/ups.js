/** The UPS as a gauge. What is not known is shown as unknown, and never as mains. */
import { byId } from "./dom.js";
import { number, word } from "./words.js";

/** States in which a device's status is true now. */
const LIVE = new Set(["ready", "busy"]);

/** Draws the UPS of this view. `connected`: the gateway is there, so what it said last is true now. */
export function drawUps(view, connected) {
  const live = connected && view !== undefined && LIVE.has(view.state) && view.status !== undefined;
  const status = live ? view.status : { power: "unknown", battery_low: false, replace_battery: false };
  const { power } = status;
  const [charge, runtime, load] = [status.charge_percent, status.runtime_s, status.load_percent].map((figure) => figure ?? undefined);
  Object.assign(byId("ups").dataset, { power, live, low: status.battery_low });
  const warnings = [status.battery_low && "batteryLow", status.replace_battery && "replaceBattery"].filter(Boolean);
  byId("ups-power").textContent = [word(`power_${power}`), ...warnings.map((key) => word(key))].join(" · ");
  byId("ups-charge").textContent = charge === undefined ? "?" : `${number(charge)} %`;
  byId("ups-charge").dataset.value = charge ?? "unknown";
  byId("ups-arc").setAttribute("stroke-dasharray", `${charge ?? 0} 100`);
  byId("ups-mark").setAttribute("d", MARKS[power] ?? "");
  byId("ups-runtime").textContent = runtime === undefined ? word("unknown") : duration(runtime);
  byId("ups-runtime").dataset.value = runtime ?? "unknown";
  byId("ups-load").textContent = load === undefined ? word("unknown") : `${number(load)} %`;
  byId("ups-load").dataset.value = load ?? "unknown";
}

/** A plug, a battery: in the coordinates of the gauge. */
const MARKS = {
  mains: "M92 32v10M108 32v10M86 42h28v8a14 14 0 0 1-28 0zM100 64v8",
  battery: "M80 40h36v24h-36zM120 48v8M86 52h14",
};

function duration(seconds) {
  return seconds < 120 ? word("seconds", number(seconds)) : word("minutes", number(Math.floor(seconds / 60)));
}
