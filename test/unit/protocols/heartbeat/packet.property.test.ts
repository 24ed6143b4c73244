import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { decodeHeartbeat, encodeHeartbeat } from "../../../../src/protocols/heartbeat/packet.ts";
import { MalformedPacketError } from "../../../../src/protocols/malformed-packet.ts";
import { mutated, randomFrom } from "../../../fuzz/mutation.ts";
import { anyHeartbeat, heartbeat, leavingEntries, newerList } from "./heartbeats.ts";

describe("properties of the format", () => {
  const decodesOrIsRefused = (bytes: Uint8Array): void => {
    try {
      decodeHeartbeat(bytes);
    } catch (error) {
      assert.ok(error instanceof MalformedPacketError, String(error));
    }
  };

  it("what was encoded decodes to the same", () => {
    fc.assert(fc.property(anyHeartbeat, (value) => assert.deepEqual(decodeHeartbeat(encodeHeartbeat(value)), value)));
  });

  it("every truncation is refused", () => {
    const bytes = encodeHeartbeat(heartbeat({ table: { entries: leavingEntries }, list: newerList }));
    for (let length = 0; length < bytes.length; length++)
      assert.throws(() => decodeHeartbeat(bytes.subarray(0, length)), MalformedPacketError, `${length} bytes`);
  });

  it("every flipped bit decodes or is refused", () => {
    const bytes = encodeHeartbeat(heartbeat({ table: { entries: leavingEntries }, list: newerList }));
    for (let i = 0; i < 8 * bytes.length; i++)
      decodesOrIsRefused(bytes.with(i >> 3, (bytes[i >> 3] ?? 0) ^ (1 << (i & 7))));
  });

  it("mutated ones decode, or are refused as malformed", () => {
    fc.assert(
      fc.property(anyHeartbeat, fc.nat(), (value, seed) => {
        const random = randomFrom(seed);
        const bytes = encodeHeartbeat(value);
        for (let i = 0; i < 20; i++) decodesOrIsRefused(mutated(bytes, random));
      }),
    );
  });

  it("nothing of a decoded one changes when the receive buffer is used again", () => {
    const value = heartbeat({ table: { entries: leavingEntries }, list: newerList });
    const buffer = encodeHeartbeat(value);
    const decoded = decodeHeartbeat(buffer);
    buffer.fill(0);
    assert.deepEqual(decoded, value);
  });
});
