import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatMac, isGroupMac, parseMac } from "../../../src/net/mac.ts";

describe("a MAC address", () => {
  it("is read back as it was written, in lower case", () => {
    const check = (bytes: Uint8Array): void => assert.deepEqual(parseMac(formatMac(bytes)), bytes);
    fc.assert(fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), check));
    assert.equal(formatMac(parseMac("02:00:5E:10:00:07") ?? new Uint8Array()), "02:00:5e:10:00:07");
  });

  for (const text of [
    "",
    "02:00:5e:10:00",
    "02-00-5e-10-00-07",
    "2:0:5e:10:0:7",
    "02:00:5e:10:00:07:08",
    "0g:00:5e:10:00:07",
  ])
    it(`"${text}" is none`, () => assert.equal(parseMac(text), undefined));

  const groups = { "ff:ff:ff:ff:ff:ff": true, "33:33:00:00:00:01": true, "02:00:5e:10:00:07": false };
  for (const [text, want] of Object.entries(groups))
    it(`${text} names ${want ? "a group" : "one station"}`, () =>
      assert.equal(isGroupMac(parseMac(text) ?? assert.fail()), want));
});
