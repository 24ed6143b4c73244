/** Two speakers and a witness Lease, which the test keeps: who goes on when one is lost. On a real kernel. */

import assert from "node:assert/strict";
import { afterEach, it } from "node:test";
import { formatMac } from "../../src/net/mac.ts";
import { eventually } from "../support/eventually.ts";
import { isHolding, type SpeakerGroup, sayersOf, speakerGroup, WitnessStand } from "./speaker-group.ts";
import { reports, speakerLab } from "./speaker-lab.ts";

const lab = speakerLab();
const vips = { a: "10.9.0.101", b: "10.9.0.102" };
let witness = new WitnessStand();

afterEach(() => {
  witness.close();
  witness = new WitnessStand();
});

async function twoNodes(): Promise<SpeakerGroup> {
  const group = speakerGroup(lab, { members: ["a", "b"], witness });
  for (const node of ["a", "b"]) await group.join(await lab.speakerOn(node));
  await group.linked();
  for (const vip of Object.values(vips)) group.want(vip, { node: "a" });
  for (const vip of Object.values(vips))
    await eventually("a holder", () => ["a", "b"].some((node) => isHolding(group.speaker(node), vip)));
  for (const [node, vip] of Object.entries(vips)) group.want(vip, { node, generation: 2 });
  for (const [node, vip] of Object.entries(vips)) await group.holds(node, vip);
  await eventually("the witness is needed no more", () => witness.holder === "");
  return group;
}

it("the one that is left takes the witness and the other's address, and keeps its own meanwhile", async () => {
  const group = await twoNodes();
  const station = await lab.stationOn("client");
  group.speaker("b").kill();
  await eventually("a takes over", () => isHolding(group.speaker("a"), vips.b));
  assert.equal(witness.holder, "a");
  assert.equal(reports(group.speaker("a"), "withdrawn", vips.a).length, 0);
  await lab.resolvesTo(vips.b, await lab.macOf("a"));
  assert.equal(sayersOf(station, vips.b).at(-1), formatMac(await lab.macOf("a")));
});

it("the witness is given back once both hear each other again, and nothing moves back", async () => {
  const group = await twoNodes();
  group.speaker("b").kill();
  await eventually("a takes over", () => isHolding(group.speaker("a"), vips.b));
  await group.join(await lab.speakerOn("b"));
  await group.linked();
  await eventually("the witness is empty", () => witness.holder === "");
  await group.holds("a", vips.b);
});

it("without an API server the one that is left keeps its own address, and takes nothing", async () => {
  const group = await twoNodes();
  witness.away = true;
  group.speaker("b").kill();
  const a = group.speaker("a");
  await eventually("the quorum is lost", () => reports(a, "groupState").at(-1)?.quorum === false);
  await lab.resolvesTo(vips.a, await lab.macOf("a"));
  assert.deepEqual([isHolding(a, vips.a), isHolding(a, vips.b)], [true, false]);
  witness.away = false;
  await eventually("it takes over once the API server is back", () => isHolding(a, vips.b));
  assert.equal(reports(a, "withdrawn", vips.a).length, 0);
});

it("when the two do not hear each other, the one that hears the gateway takes the witness, and the other gives up", async () => {
  for (const node of ["a", "b"]) await lab.host(node).run("ip route replace default via 10.9.0.3");
  const group = await twoNodes();
  await lab.world().bridge.run("ip link set port-b nomaster");
  const lost = group.speaker("b");
  await eventually("a takes over", () => isHolding(group.speaker("a"), vips.b));
  await eventually("b gives up", () => !isHolding(lost, vips.b));
  await lab.resolvesTo(vips.b, await lab.macOf("a"));
  await lab.world().bridge.run("ip link set port-b master br0");
  await group.linked();
  await group.holds("a", vips.b);
});
