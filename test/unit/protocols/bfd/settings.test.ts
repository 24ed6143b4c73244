import assert from "node:assert/strict";
import { it } from "node:test";
import { type BfdSettings, bfdProblems } from "../../../../src/protocols/bfd/settings.ts";
import { settings } from "./link.ts";

const rows: readonly (readonly [string, Partial<BfdSettings>, readonly string[]])[] = [
  ["the usual", {}, []],
  ["the fastest", { transmitMs: 10, receiveMs: 10 }, []],
  ["the slowest", { transmitMs: 60_000, receiveMs: 60_000, multiplier: 255 }, []],
  ["one packet may be lost", { multiplier: 1 }, []],
  ["too fast to send", { transmitMs: 9 }, ["transmit: 9 is no whole number from 10 to 60000"]],
  ["too slow to receive", { receiveMs: 60_001 }, ["receive: 60001 is no whole number from 10 to 60000"]],
  ["a part of a millisecond", { receiveMs: 33.3 }, ["receive: 33.3 is no whole number from 10 to 60000"]],
  ["a multiplier beyond its byte", { multiplier: 256 }, ["multiplier: 256 is no whole number from 1 to 255"]],
  [
    "all of it wrong",
    { transmitMs: Number.NaN, receiveMs: 0, multiplier: 0 },
    [
      "transmit: NaN is no whole number from 10 to 60000",
      "receive: 0 is no whole number from 10 to 60000",
      "multiplier: 0 is no whole number from 1 to 255",
    ],
  ],
  [
    "a detection time below 30 ms",
    { transmitMs: 10, multiplier: 2 },
    ["multiplier: 10 ms × 2 is less than the 30 ms that Herald can keep"],
  ],
];

for (const [name, changes, want] of rows)
  it(name, () => assert.deepEqual(bfdProblems({ ...settings, ...changes }), want));
