import test from "node:test";
import assert from "node:assert/strict";
import { connect, connected, errorBody, startGateway, stateOf } from "../testing/server.js";

const scanner = { device: "scanner", kind: "scanner", driver: "escl", state: "ready" };
const page = { page: 1, blob: "b1", media_type: "image/jpeg", bytes: 3, width_px: 1, height_px: 1, resolution_dpi: 300 };

test("the first message is the hello, and connect gives the devices", async (t) => {
  const { kiosk, hello } = await connected(t, { options: { client: { name: "page", version: "1" } }, welcome: { devices: [scanner] } });
  assert.equal(hello.name, "session.hello");
  assert.deepEqual(hello.payload, { versions: { min: 1, max: 1 }, client: { name: "page", version: "1" } });
  assert.deepEqual(kiosk.devices.get("scanner"), scanner);
  assert.equal(kiosk.connection, "connected");
  assert.equal(kiosk.resumed, false);
});

test("a refused hello rejects connect with the gateway's reason", async (t) => {
  const gateway = await startGateway(t);
  const connecting = connect(t, gateway);
  const peer = await gateway.connection();
  const hello = await peer.next();
  peer.send({ type: "acknowledge", id: hello.id, error: errorBody("unsupported", { retry: "unsafe" }) });
  await assert.rejects(connecting, { name: "KioskError", code: "unsupported", retry: "unsafe" });
});

test("a hello that may succeed later is said again", async (t) => {
  const gateway = await startGateway(t);
  const connecting = connect(t, gateway);
  const first = await gateway.connection();
  const hello = await first.next();
  first.send({ type: "acknowledge", id: hello.id, error: errorBody("busy") });
  await (await gateway.connection()).welcome();
  await connecting;
});

test("connect gives up when nobody answers in time", async (t) => {
  const gateway = await startGateway(t);
  await assert.rejects(connect(t, gateway, { connectTimeoutMs: 50 }), { code: "unreachable", retry: "safe" });
});

test("a scan gives its events and then its report", async (t) => {
  const { kiosk, peer } = await connected(t);
  const seen = [];
  const scan = kiosk.scanner.scan(
    { source: "adf" },
    { device: "scanner", timeoutMs: 5_000, onPageStarted: (p) => seen.push(["started", p]), onPage: (p) => seen.push(["page", p]), onEvent: (name) => seen.push([name]) },
  );
  const command = await peer.next();
  assert.deepEqual(
    { ...command, id: 0 },
    { type: "command", id: 0, name: "scanner.scan", device: "scanner", timeout_ms: 5_000, payload: { source: "adf" } },
  );
  const started = { page: 1, blob: "b1", media_type: "image/jpeg" };
  peer.send(
    { type: "acknowledge", seq: 1, id: command.id, queued: 0 },
    { type: "event", seq: 2, id: command.id, name: "scanner.page_started", payload: started },
    { type: "event", seq: 3, id: command.id, name: "scanner.page", payload: page },
    { type: "completion", seq: 4, id: command.id, payload: { pages: [page], ended: "source_empty" } },
  );
  assert.deepEqual(await scan, { pages: [page], ended: "source_empty" });
  assert.deepEqual(seen, [["started", started], ["scanner.page_started"], ["page", page], ["scanner.page"]]);
});

test("a refusal rejects with the code, the field and the citizen's words", async (t) => {
  const { kiosk, peer } = await connected(t);
  const scan = kiosk.scanner.scan({ resolution_dpi: 7 });
  const { id } = await peer.next();
  peer.send({ type: "acknowledge", seq: 1, id, error: errorBody("invalid_request", { retry: "unsafe", field: "payload.resolution_dpi" }) });
  const error = await scan.then(() => assert.fail("it was refused"), (caught) => caught);
  assert.equal(error.code, "invalid_request");
  assert.equal(error.retry, "unsafe");
  assert.equal(error.field, "payload.resolution_dpi");
  assert.equal(error.messageIn("vi"), "vi invalid_request");
  assert.equal(error.messageIn("en"), "en invalid_request");
  assert.equal(error.message, "invalid_request: detail of invalid_request");
});

test("a failed print tells what became of the paper", async (t) => {
  const { kiosk, peer } = await connected(t);
  const print = kiosk.receiptPrinter.print({ elements: [{ type: "rule" }] });
  const { id } = await peer.next();
  peer.send({ type: "acknowledge", seq: 1, id }, { type: "completion", seq: 2, id, error: errorBody("device_silent", { retry: "unknown", outcome: "unknown" }) });
  await assert.rejects(print, { code: "device_silent", outcome: "unknown", retry: "unknown" });
});

test("each print has a key of its own, and a given key is kept", async (t) => {
  const { kiosk, peer } = await connected(t);
  const calls = [kiosk.receiptPrinter.print({}), kiosk.receiptPrinter.print({}), kiosk.receiptPrinter.print({}, { key: "order-4711" }), kiosk.ups.status()];
  const [first, second, third, status] = [await peer.next(), await peer.next(), await peer.next(), await peer.next()];
  assert.match(first.key, /^[0-9a-f]{32}$/);
  assert.match(second.key, /^[0-9a-f]{32}$/);
  assert.notEqual(first.key, second.key);
  assert.equal(third.key, "order-4711");
  assert.equal(status.key, undefined);
  peer.send(...[first, second, third, status].map(({ id }, at) => ({ type: "completion", seq: at + 1, id, payload: {} })));
  await Promise.all(calls);
});

test("an abort sends a cancel, and the call ends as the gateway says", async (t) => {
  const { kiosk, peer } = await connected(t);
  const abort = new AbortController();
  const scan = kiosk.scanner.scan({}, { signal: abort.signal });
  const { id } = await peer.next();
  peer.send({ type: "acknowledge", seq: 1, id });
  abort.abort();
  assert.deepEqual(await peer.next(), { type: "cancel", id });
  peer.send({ type: "completion", seq: 2, id, error: errorBody("cancelled") });
  await assert.rejects(scan, { code: "cancelled", retry: "safe" });
});

test("a call that was aborted before is never sent", async (t) => {
  const { kiosk, peer } = await connected(t);
  await assert.rejects(kiosk.scanner.scan({}, { signal: AbortSignal.abort() }), { code: "cancelled", retry: "safe" });
  kiosk.ups.status().catch(() => {});
  assert.equal((await peer.next()).name, "ups.status");
});

test("notices keep the devices current, and unknown messages are ignored", async (t) => {
  const { kiosk, peer } = await connected(t, { welcome: { devices: [scanner] } });
  const changed = new Promise((resolve) => kiosk.on("device", resolve));
  peer.send(
    { type: "telegram", seq: 1 },
    { type: "notice", seq: 2, name: "moon.rose", payload: {} },
    "not JSON",
    "null",
    { type: "notice", seq: 3, name: "device.changed", payload: { ...scanner, state: "absent" } },
  );
  assert.equal((await changed).state, "absent");
  assert.equal(kiosk.devices.get("scanner").state, "absent");
});

test("a listener that throws stops nothing", async (t) => {
  const { kiosk, peer } = await connected(t);
  const before = globalThis.reportError;
  t.after(() => (globalThis.reportError = before));
  const reported = new Promise((resolve) => (globalThis.reportError = resolve));
  const scan = kiosk.scanner.scan({}, { onPage: () => { throw new Error("a mistake in the page"); } });
  const { id } = await peer.next();
  peer.send({ type: "event", seq: 1, id, name: "scanner.page", payload: page }, { type: "completion", seq: 2, id, payload: { pages: [page], ended: "source_empty" } });
  assert.equal((await scan).pages.length, 1);
  assert.equal((await reported).message, "a mistake in the page");
});

test("a lease knows when it is lost", async (t) => {
  const { kiosk, peer } = await connected(t);
  const leasing = kiosk.lease("scanner", { ttlMs: 5_000 });
  const command = await peer.next();
  assert.deepEqual([command.name, command.device, command.payload], ["lease.acquire", "scanner", { ttl_ms: 5_000 }]);
  peer.send({ type: "completion", seq: 1, id: command.id, payload: { device: "scanner", ttl_ms: 5_000 } });
  const lease = await leasing;
  assert.equal(lease.held, true);
  const lost = new Promise((resolve) => kiosk.on("lease_lost", resolve));
  peer.send({ type: "notice", seq: 2, name: "lease.lost", payload: { device: "scanner" } });
  assert.equal(await lost, "scanner");
  assert.equal(lease.held, false);
});

test("a blob is fetched with the session's token, whole or as it grows", async (t) => {
  const requests = [];
  const answerHttp = (request, response) => {
    requests.push([request.url, request.headers.authorization]);
    if (request.url.endsWith("/gone")) return response.writeHead(404).end("this session has no such blob\n");
    return response.writeHead(200, { "content-type": "image/jpeg" }).end("bytes");
  };
  const { kiosk } = await connected(t, { answerHttp });
  const blob = await kiosk.blob("abc");
  assert.equal(blob.type, "image/jpeg");
  assert.equal(await blob.text(), "bytes");
  const chunks = [];
  for await (const chunk of await kiosk.blobStream("abc")) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), "bytes");
  await assert.rejects(kiosk.blob("gone"), { code: "not_found", detail: "the gateway answered 404: this session has no such blob" });
  assert.deepEqual(requests[0], ["/v1/blobs/abc", "Bearer token-1"]);
});

test("a call that is longer than the gateway takes is not sent, and says so", async (t) => {
  const limits = { message_bytes: 65536, in_flight: 1, resume_window_ms: 60000, lease_grace_ms: 10000 };
  const { kiosk, peer } = await connected(t, { welcome: { limits } });
  const rejected = await kiosk.cardReader.transmit(["00".repeat(33_000)]).catch((error) => error);
  assert.equal(rejected.code, "too_large");
  assert.equal(rejected.messageIn("en"), "This is too large.");
  const command = kiosk.cardReader.transmit(["00".repeat(32_000)]);
  const { id, payload } = await peer.next();
  assert.equal(payload.commands[0].length, 64_000);
  peer.send({ type: "completion", seq: 1, id, payload: { responses: ["9000"] } });
  await command;
});

test("end ends the session, and calls after it are refused", async (t) => {
  const { kiosk, peer } = await connected(t);
  const scan = assert.rejects(kiosk.scanner.scan(), { code: "closed", retry: "unknown" });
  assert.equal((await peer.next()).name, "scanner.scan");
  const ending = kiosk.end();
  const { id, name } = await peer.next();
  assert.equal(name, "session.end");
  peer.send({ type: "completion", seq: 1, id, payload: {} });
  await ending;
  await scan;
  await stateOf(kiosk, "closed");
  await assert.rejects(kiosk.ups.status(), { code: "closed", retry: "safe" });
});
