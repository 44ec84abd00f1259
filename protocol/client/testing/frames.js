/** WebSocket frames (RFC 6455, section 5.2), as much as the tests need: whole messages, close, both directions. */
import { createHash, randomBytes } from "node:crypto";

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;

/** The answer to a handshake's key (section 4.2.2). */
export function acceptFor(key) {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** One frame. Clients must mask (section 5.3), servers must not. */
export function encode(opcode, payload, masked) {
  const body = Buffer.from(payload);
  const maskBit = masked ? 0x80 : 0;
  let head;
  if (body.length < 126) {
    head = Buffer.from([0x80 | opcode, maskBit | body.length]);
  } else {
    head = Buffer.alloc(4);
    head.set([0x80 | opcode, maskBit | 126]);
    head.writeUInt16BE(body.length, 2);
  }
  if (!masked) return Buffer.concat([head, body]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, body.map((byte, at) => byte ^ mask[at % 4])]);
}

/** Reads frames from chunks of any size; calls `onFrame(opcode, payload)` for each. */
export function decoder(onFrame) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 2) return;
      let length = rest[1] & 0x7f;
      let at = 2;
      if (length === 126) {
        if (rest.length < 4) return;
        length = rest.readUInt16BE(2);
        at = 4;
      }
      const masked = (rest[1] & 0x80) !== 0;
      const start = at + (masked ? 4 : 0);
      if (rest.length < start + length) return;
      let payload = rest.subarray(start, start + length);
      if (masked) payload = payload.map((byte, index) => byte ^ rest[at + (index % 4)]);
      const opcode = rest[0] & 0x0f;
      rest = rest.subarray(start + length);
      onFrame(opcode, payload);
    }
  };
}
