/** A busy machine ends no session: what the router knows does not change. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "../lab/faults.ts";
import { isInstalled } from "../lab/programs.ts";
import { flapsOf, pathsSince } from "../lab/routed-calm.ts";
import { openRoutedSite } from "../lab/routed-site.ts";

/** 225 ms until a path counts as lost: less than a main loop stands still, so that whatever waited for one would lose it. */
const bfd = { intervalMs: 75, multiplier: 3 };
const forMs = 20_000;
const skip = !isInstalled("bird") && "BIRD is not installed";

it("Given BFD of 75 ms x 3, two busy cores and main loops that stand still for 250 of each 500 ms, When 20 s go by, Then no session and no path is lost, and no route changes", {
  skip,
}, async () => {
  const site = await openRoutedSite({ nodes: 3, services: 4, bfd });
  try {
    for (const { name } of site.lab.nodes) await inject(site.lab, "stall", name, "main", "250", "500");
    const mend = await inject(site.lab, "hogs", "2");
    const before = { paths: await pathsSince(site), routes: site.routes.seen().length };
    assert.equal(before.paths.filter((each) => /Established| Up/.test(each)).length, 6, before.paths.join("\n"));
    await sleep(forMs);
    await mend();
    assert.deepEqual(site.routes.seen().slice(before.routes), []);
    assert.deepEqual(await pathsSince(site), before.paths);
    assert.deepEqual(
      await flapsOf(site),
      site.announcers.map(({ name }) => `${name} 0`),
    );
  } finally {
    await site.lab.stop();
  }
});
