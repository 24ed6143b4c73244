import assert from "node:assert/strict";
import { it } from "node:test";
import { type Silence, silenceAbout, silenceStatus, silenceText } from "../../../src/announce/bgp-silence.ts";

const noAddress = "this node has no IPv6 address towards the peer";
const notTaken = "the peer does not take IPv4 routes";

const rows: readonly (readonly [silence: Silence, text: string])[] = [
  [new Map(), ""],
  [new Map([[6, noAddress]]), `no IPv6 routes: ${noAddress}`],
  [
    new Map([
      [6, noAddress],
      [4, notTaken],
    ]),
    `no IPv4 routes: ${notTaken}; no IPv6 routes: ${noAddress}`,
  ],
];
for (const [silence, text] of rows)
  it(`of ${silence.size} silent families: "${text}", and the status gives each back`, () => {
    assert.equal(silenceText(silence), text);
    const silent = silenceStatus(silence);
    assert.equal(silent === undefined, silence.size === 0);
    const read = ([4, 6] as const).map((family) => silenceAbout({ ...(silent && { silent }) }, family));
    assert.deepEqual(read, [silence.get(4), silence.get(6)]);
  });
