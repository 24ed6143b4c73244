import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { World } from "../../support/controller-world.ts";
import { byBgp, fallen, names, reports, route, world } from "./routed-world.ts";

describe("a BGPPeer and a node that is to have a session from now on", () => {
  const warnings = (done: Awaited<ReturnType<World["settle"]>>) =>
    done.flatMap(({ notices }) => notices.filter(({ reason }) => reason === "SessionDown"));
  const drain = (made: World, name: string, asked: boolean): void => {
    made.vipNodes.put(name, { ...(made.vipNodes.get(name) ?? assert.fail()), drain: asked });
    made.nowMs += 1_000;
  };
  const drained = async (): Promise<World> => {
    const made = await world(byBgp());
    await route(made, names);
    drain(made, "node3", true);
    await made.settle();
    reports(made, "node3", fallen);
    made.nowMs += 1_000;
    await made.settle();
    return made;
  };

  it("does not warn that it is not there yet", async () => {
    const made = await drained();
    drain(made, "node3", false);
    assert.deepEqual(warnings(await made.settle()), []);
    assert.deepEqual(
      made.peers.get("tor")?.status.down.map(({ node }) => node),
      ["node3"],
    );
  });

  it("warns of another that falls at the same time", async () => {
    const made = await drained();
    drain(made, "node3", false);
    reports(made, "node1", fallen);
    const [warning, ...others] = warnings(await made.settle());
    assert.match(warning?.message ?? "", /^sessions of node1 .*1 of 3 are established$/);
    assert.deepEqual(others, []);
  });

  it("warns once it was there and fell", async () => {
    const made = await drained();
    drain(made, "node3", false);
    await made.settle();
    for (const said of [{}, fallen]) {
      reports(made, "node3", said);
      made.nowMs += 1_000;
      assert.equal(warnings(await made.settle()).length, said === fallen ? 1 : 0);
    }
  });
});
