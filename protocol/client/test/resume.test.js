import test from "node:test";
import assert from "node:assert/strict";
import { MemoryStorage, connect, connected, errorBody, stateOf } from "../testing/server.js";

const ups = { device: "ups", kind: "ups", driver: "nut", state: "ready" };

test("a resumed session goes on without a loss and without a repetition", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const pages = [];
  const states = [];
  kiosk.on("connection", (state) => states.push(state));
  const scan = kiosk.scanner.scan({}, { onPage: ({ page }) => pages.push(page) });
  const { id } = await peer.next();
  peer.send({ type: "acknowledge", seq: 1, id }, { type: "event", seq: 2, id, name: "scanner.page", payload: { page: 1 } });
  const firstPage = new Promise((resolve) => kiosk.on("device", resolve));
  peer.send({ type: "notice", seq: 3, name: "device.changed", payload: ups });
  await firstPage;
  peer.drop();
  const again = await gateway.connection();
  const hello = await again.welcome({ resumed: true, cursor: 3 });
  assert.deepEqual(hello.payload.resume, { token: "token-1", cursor: 3 });
  again.send(
    { type: "event", seq: 2, id, name: "scanner.page", payload: { page: 1 } },
    { type: "event", seq: 4, id, name: "scanner.page", payload: { page: 2 } },
    { type: "completion", seq: 5, id, payload: { pages: [], ended: "source_empty" } },
  );
  assert.equal((await scan).ended, "source_empty");
  assert.deepEqual(pages, [1, 2]);
  assert.deepEqual(states, ["reconnecting", "connected"]);
  assert.equal(again.unread, 0, "an acknowledged command is not sent again");
});

test("a command that was never acknowledged is sent again with the same id", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const status = kiosk.ups.status();
  const command = await peer.next();
  peer.drop();
  const again = await gateway.connection();
  await again.welcome({ resumed: true, cursor: 0 });
  assert.deepEqual(await again.next(), command);
  again.send({ type: "acknowledge", seq: 1, id: command.id }, { type: "completion", seq: 2, id: command.id, payload: { power: "mains" } });
  assert.equal((await status).power, "mains");
});

test("a call made while the connection is away is sent when it is back", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  peer.drop();
  await stateOf(kiosk, "reconnecting");
  const status = kiosk.ups.status();
  const again = await gateway.connection();
  await again.welcome({ resumed: true });
  const { id, name } = await again.next();
  assert.equal(name, "ups.status");
  again.send({ type: "completion", seq: 1, id, payload: {} });
  await status;
});

test("an abort while the connection is away is said when it is back", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const abort = new AbortController();
  const acknowledged = new Promise((resolve) => kiosk.on("device", resolve));
  const scan = kiosk.scanner.scan({}, { signal: abort.signal });
  const { id } = await peer.next();
  peer.send({ type: "acknowledge", seq: 1, id }, { type: "notice", seq: 2, name: "device.changed", payload: ups });
  await acknowledged;
  peer.drop();
  await stateOf(kiosk, "reconnecting");
  abort.abort();
  const again = await gateway.connection();
  await again.welcome({ resumed: true, cursor: 2 });
  assert.deepEqual(await again.next(), { type: "cancel", id });
  again.send({ type: "completion", seq: 3, id, error: errorBody("cancelled") });
  await assert.rejects(scan, { code: "cancelled" });
});

test("a lost session rejects what was running and leaves the rest for the next one", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const states = [];
  kiosk.on("connection", (state) => states.push(state));
  const scan = assert.rejects(kiosk.scanner.scan(), { code: "session_lost", retry: "unknown" });
  await peer.next();
  peer.drop();
  await stateOf(kiosk, "reconnecting");
  const status = kiosk.ups.status();
  const again = await gateway.connection();
  await again.welcome({ resumed: false, token: "token-2", session: "s2" });
  await scan;
  const { id, name } = await again.next();
  assert.equal(name, "ups.status");
  again.send({ type: "completion", seq: 1, id, payload: { power: "battery" } });
  assert.equal((await status).power, "battery", "the new session counts its messages from 1");
  assert.deepEqual(states, ["reconnecting", "lost", "connected"]);
});

test("a print whose session was lost is asked again with its key", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const print = kiosk.receiptPrinter.print({ elements: [{ type: "rule" }] });
  const command = await peer.next();
  peer.send({ type: "acknowledge", seq: 1, id: command.id });
  peer.drop();
  const again = await gateway.connection();
  await again.welcome({ resumed: false, token: "token-2" });
  const repeated = await again.next();
  assert.deepEqual(repeated, command);
  again.send({ type: "completion", seq: 1, id: repeated.id, payload: { outcome: "printed", length_mm: 60 } });
  assert.equal((await print).outcome, "printed");
});

test("a print is not asked again of a gateway that was restarted", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const print = assert.rejects(kiosk.receiptPrinter.print({ elements: [{ type: "rule" }] }), { code: "session_lost", retry: "unknown" });
  await peer.next();
  peer.drop();
  const again = await gateway.connection();
  await again.welcome({ resumed: false, token: "token-2", instance: "instance-2" });
  await print;
  const status = kiosk.ups.status();
  const next = await again.next();
  assert.equal(next.name, "ups.status");
  again.send({ type: "completion", seq: 1, id: next.id, payload: { power: "mains" } });
  await status;
});

test("a print whose key the gateway may have forgotten is not asked again", async (t) => {
  const { kiosk, gateway, peer } = await connected(t);
  const print = assert.rejects(kiosk.receiptPrinter.print({ elements: [{ type: "rule" }] }), { code: "session_lost", retry: "unknown" });
  await peer.next();
  const now = Date.now();
  t.mock.method(Date, "now", () => now + 10 * 60_000);
  peer.drop();
  await (await gateway.connection()).welcome({ resumed: false, token: "token-2" });
  await print;
});

test("a session that nobody could resume in time is lost before the gateway is back", async (t) => {
  const limits = { message_bytes: 65536, in_flight: 1, resume_window_ms: 30, lease_grace_ms: 1 };
  const { kiosk, gateway, peer } = await connected(t, { welcome: { limits } });
  const scan = assert.rejects(kiosk.scanner.scan(), { code: "session_lost", retry: "unknown" });
  await peer.next();
  peer.drop();
  await scan;
  assert.equal(kiosk.connection, "lost");
  const hello = await (await gateway.connection()).welcome({ token: "token-2" });
  assert.equal(hello.payload.resume, undefined, "a session that was given up is not resumed");
  await stateOf(kiosk, "connected");
});

test("a reloaded page goes on with its session and uses new ids", async (t) => {
  const storage = new MemoryStorage();
  const { kiosk, gateway, peer } = await connected(t, { options: { storage } });
  kiosk.scanner.scan().catch(() => {});
  const earlier = await peer.next();
  const changed = new Promise((resolve) => kiosk.on("device", resolve));
  peer.send({ type: "acknowledge", seq: 1, id: earlier.id }, { type: "notice", seq: 2, name: "device.changed", payload: ups });
  await changed;
  kiosk.close();
  const connecting = connect(t, gateway, { storage });
  const again = await gateway.connection();
  const hello = await again.welcome({ resumed: true, cursor: 2 });
  assert.deepEqual(hello.payload.resume, { token: "token-1", cursor: 2 });
  const page = await connecting;
  assert.equal(page.resumed, true);
  const unclaimed = new Promise((resolve) => page.on("unclaimed", resolve));
  again.send({ type: "completion", seq: 3, id: earlier.id, payload: { ended: "source_empty" } });
  assert.equal((await unclaimed).id, earlier.id);
  page.ups.status().catch(() => {});
  assert.ok((await again.next()).id > hello.id && hello.id > earlier.id);
});

test("a session that another page resumed is left to it", async (t) => {
  const { kiosk, peer } = await connected(t);
  const scan = assert.rejects(kiosk.scanner.scan(), { code: "superseded", retry: "unknown" });
  await peer.next();
  const closed = new Promise((resolve) => kiosk.on("connection", (state, reason) => resolve([state, reason.code])));
  peer.close(4409);
  await scan;
  assert.deepEqual(await closed, ["closed", "superseded"]);
  assert.equal(kiosk.connection, "closed");
});

test("an ended session is not resumed by the next page", async (t) => {
  const storage = new MemoryStorage();
  const { kiosk, peer } = await connected(t, { options: { storage } });
  assert.equal(storage.items.size, 1);
  const ending = kiosk.end();
  const { id } = await peer.next();
  peer.send({ type: "completion", seq: 1, id, payload: {} });
  await ending;
  assert.equal(storage.items.size, 0);
});
