import assert from "node:assert/strict";
import { it } from "node:test";
import { portCut } from "./windows.ts";

const mostMs = 700;

for (const members of [2, 3, 5]) {
  it(`a port cut in a group of ${members} with 1 % loss leaves no address without an answer for more than ${mostMs} ms`, async () => {
    const gapsMs: number[] = [];
    for (let seed = 1; seed <= 30; seed++) gapsMs.push(...(await portCut({ seed, members, loss: 0.01 })));
    assert.ok(gapsMs.length >= 30);
    assert.ok(Math.max(...gapsMs) <= mostMs, `the longest is ${Math.max(...gapsMs)} ms`);
  });
}
