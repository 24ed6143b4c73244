/** A busy machine and a bad network are no failure: nothing moves. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { changes } from "../lab/answers.ts";
import { inject } from "../lab/faults.ts";
import { openSite, settled } from "../lab/site.ts";
import { watchFrames } from "../lab/watch.ts";

/** `HERALD_CALM_SECONDS=60` before a release. */
const forSeconds = Number(process.env.HERALD_CALM_SECONDS ?? 20);

it(`Given two busy cores, main loops that stand still for 250 of each 500 ms, and 1 % loss, When ${forSeconds} s go by, Then no address changes its holder`, async () => {
  const site = await openSite({ nodes: 3, services: 12 });
  try {
    const frames = await watchFrames(site.lab, site.addresses);
    const before = await settled(site, frames);
    const begun = frames.seen().length;
    for (const { name } of site.lab.nodes) {
      await inject(site.lab, "stall", name, "main", "250", "500");
      await inject(site.lab, "loss", name, "1");
    }
    const mend = await inject(site.lab, "hogs", "2");
    await sleep(forSeconds * 1_000);
    await mend();
    assert.equal(changes(frames.seen().slice(begun)), 0);
    assert.deepEqual(await settled(site, frames), before);
  } finally {
    await site.lab.stop();
  }
});
