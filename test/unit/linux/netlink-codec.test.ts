import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { decodeAttributes, decodeMessages, encodeMessage, encodePayload } from "../../../src/linux/netlink-codec.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const message = fc.record(
  {
    type: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    sequence: fc.nat(0xffffffff),
    payload: bytes.map((payload) => payload.subarray(0, payload.length & ~3)),
  },
  { noNullPrototype: true },
);

it("messages that were encoded one after another decode to the same", () => {
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      const decoded = decodeMessages(Uint8Array.from(messages.flatMap((one) => [...encodeMessage(one)])));
      assert.deepEqual(
        decoded.map(({ payload, ...rest }) => ({ ...rest, payload: [...payload] })),
        messages.map(({ payload, ...rest }) => ({ ...rest, payload: [...payload] })),
      );
    }),
  );
});

it("attributes that were encoded after a header decode to the same", () => {
  const attributes = fc.uniqueArray(fc.tuple(fc.nat(0x3fff), bytes), { selector: ([type]) => type });
  fc.assert(
    fc.property(attributes, (list) => {
      const decoded = decodeAttributes(encodePayload(new Uint8Array(12), list), 12);
      assert.deepEqual(
        [...decoded].map(([type, value]) => [type, [...value]]),
        list.map(([type, value]) => [type, [...value]]),
      );
    }),
  );
});

it("cut and scrambled bytes end the list and nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
      for (const { payload } of decodeMessages(garbage)) decodeAttributes(payload, 4);
      decodeAttributes(garbage, 0);
    }),
  );
});
