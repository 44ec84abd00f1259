import test from "node:test";
import assert from "node:assert/strict";
import { connected } from "../testing/server.js";

/** A client that looks at the camera, and the pictures as they come. */
async function watching(t, options) {
  const { kiosk, gateway, peer } = await connected(t, options);
  const pictures = [];
  const waiting = [];
  const onPicture = (picture) => (waiting.length > 0 ? waiting.shift()(picture) : pictures.push(picture));
  const next = () => (pictures.length > 0 ? Promise.resolve(pictures.shift()) : new Promise((resolve) => waiting.push(resolve)));
  const watch = kiosk.watch("camera", onPicture);
  const { id, name, device } = await peer.next();
  assert.deepEqual({ name, device }, { name: "pictures.start", device: "camera" });
  peer.send({ type: "acknowledge", seq: 1, id }, { type: "completion", seq: 2, id, payload: { stream: 7 } });
  return { kiosk, gateway, peer, next, stop: await watch };
}

test("live pictures reach the one who looks, and those of other streams do not", async (t) => {
  const { peer, next } = await watching(t);
  peer.sendPicture(8, 1, "other");
  peer.sendPicture(7, 3, "jpeg");
  const picture = await next();
  assert.equal(Buffer.from(picture.bytes).toString(), "jpeg");
  assert.deepEqual([picture.number, picture.takenUs], [3, 3000n]);
});

test("a binary message that is too short is passed over", async (t) => {
  const { peer, next } = await watching(t);
  peer.sendPicture(7, 1, "");
  assert.equal((await next()).bytes.length, 0, "an empty picture says: nothing to see");
});

test("to stop looking tells the gateway", async (t) => {
  const { peer, stop } = await watching(t);
  const stopped = stop();
  const { id, name, device } = await peer.next();
  assert.deepEqual({ name, device }, { name: "pictures.stop", device: "camera" });
  peer.send({ type: "completion", seq: 3, id, payload: {} });
  await stopped;
});

test("a new session looks again by itself", async (t) => {
  const { gateway, peer, next } = await watching(t);
  peer.drop();
  const again = await gateway.connection();
  await again.welcome({ resumed: false, token: "token-2", session: "s2" });
  const { id, name } = await again.next();
  assert.equal(name, "pictures.start");
  again.send({ type: "completion", seq: 1, id, payload: { stream: 1 } });
  again.sendPicture(1, 1, "anew");
  assert.equal(Buffer.from((await next()).bytes).toString(), "anew");
});

test("a page's own document becomes a blob, and can be thrown away", async (t) => {
  const asked = [];
  const answerHttp = (request, response) => {
    const pieces = [];
    request.on("data", (piece) => pieces.push(piece));
    request.on("end", () => {
      asked.push([request.method, request.url, request.headers.authorization, Buffer.concat(pieces).toString()]);
      if (request.method === "POST") response.writeHead(201, { "Content-Type": "application/json" }).end('{"blob":"b1"}');
      else response.writeHead(204).end();
    });
  };
  const { kiosk } = await connected(t, { answerHttp });
  assert.equal(await kiosk.upload(new TextEncoder().encode("%PDF-1.7")), "b1");
  await kiosk.release("b1");
  assert.deepEqual(asked, [
    ["POST", "/v1/blobs", "Bearer token-1", "%PDF-1.7"],
    ["DELETE", "/v1/blobs/b1", "Bearer token-1", ""],
  ]);
});

test("a document that the gateway does not take is a KioskError", async (t) => {
  const error = { code: "unreadable", retry: "unsafe", detail: "this is no PDF, JPEG or PNG file", message: { vi: "v", en: "e" } };
  const answerHttp = (request, response) => {
    request.resume();
    request.on("end", () => response.writeHead(415, { "Content-Type": "application/json" }).end(JSON.stringify({ error })));
  };
  const { kiosk } = await connected(t, { answerHttp });
  await assert.rejects(kiosk.upload(new Uint8Array(9)), { code: "unreadable" });
});
