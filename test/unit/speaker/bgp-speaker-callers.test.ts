/** Which session a connection is for, of several with one address. */
import assert from "node:assert/strict";
import { beforeEach, it } from "node:test";
import type { BgpSessionReport } from "../../../src/speaker/bgp-messages.ts";
import { address } from "../../support/builders.ts";
import { here, peerCommand, Rig, type RigNode, swapped, there } from "./bgp-rig.ts";

let rig: Rig;
let node: RigNode;

const report = (name: string): BgpSessionReport | undefined => node.reports.findLast((each) => each.name === name);
const states = (): readonly unknown[] => ["first", "second"].map((name) => report(name)?.state);
const ages = (): readonly unknown[] => ["first", "second"].map((name) => report(name)?.sinceMs);

/** Another router at the address of the first connects. */
function connects(routerId: string): void {
  const settings = { ...swapped, passive: false, routerId: address(routerId) };
  rig.node(there).speaker.apply(peerCommand(here, { settings }));
}

/** The first session stands; the second, with another port of the same address, waits for its router. */
beforeEach(async () => {
  rig = new Rig();
  rig.node(there, { port: 179 }).speaker.apply(peerCommand(here, { settings: swapped }));
  await rig.run(20);
  node = rig.node(here, { port: 179 });
  node.speaker.apply({ ...peerCommand(there), name: "first" });
  await rig.run(200);
  const waiting = peerCommand(there, { settings: { passive: true }, transport: { port: 1179 } });
  node.speaker.apply({ ...waiting, name: "second" });
  await rig.run(40);
  assert.deepEqual(states(), ["Established", "Active"]);
});

it("Given one that stands, When the other router connects, Then it is the other's, and the first goes on", async () => {
  const [before] = ages();
  connects("10.9.0.7");
  await rig.run(5_000);
  assert.deepEqual(states(), ["Established", "Established"]);
  assert.equal(ages()[0], before);
});

it("Given two that stand, When a third router connects from there, Then both go on", async () => {
  connects("10.9.0.7");
  await rig.run(5_000);
  const before = ages();
  connects("10.9.0.8");
  await rig.run(5_000);
  assert.deepEqual([states(), ages()], [["Established", "Established"], before]);
});
