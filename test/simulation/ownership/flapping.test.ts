import assert from "node:assert/strict";
import { it } from "node:test";
import { flapping } from "./flapping.ts";

const forMs = 20 * 60_000;

for (const members of [2, 3, 5]) {
  it(`in a group of ${members} with 1 % loss nothing moves and nobody yields for 20 minutes`, async () => {
    const { changes, heartbeats } = await flapping({ seed: members, members, loss: 0.01, forMs });
    assert.equal(changes, 0);
    const eachSecond = heartbeats / members / (forMs / 1_000);
    const most = (members - 1) * 10 * 1.1;
    assert.ok(eachSecond > (members - 1) * 9 && eachSecond < most, `${eachSecond} packets/s a member`);
  });
}
