/** Speakers that hear each other decide who answers, without any API server; on a real kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { formatMac } from "../../src/net/mac.ts";
import { arpProbe, broadcastMac } from "../../src/protocols/arp/frames.ts";
import { address } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { isHolding, type SpeakerGroup, sayersOf, speakerGroup } from "./speaker-group.ts";
import { arpPackets, type Report, reports, sendArp, speakerLab } from "./speaker-lab.ts";
import type { Program } from "./speaker-world.ts";

const lab = speakerLab(["a", "b", "c"]);
const members = ["a", "b", "c"];
const vips = { a: "10.9.0.101", b: "10.9.0.102", c: "10.9.0.103" };

/** Three speakers, each with an address that is wanted there, and a station that hears what they say. */
async function threeNodes(): Promise<readonly [group: SpeakerGroup, station: Program]> {
  const group = speakerGroup(lab, { members });
  for (const node of members) await group.join(await lab.speakerOn(node));
  await group.linked();
  // Who has just started votes for nobody at first, so the address may have to move to where it is wanted.
  for (const vip of Object.values(vips)) group.want(vip, { node: "a" });
  for (const vip of Object.values(vips))
    await eventually("a holder", () => members.some((node) => isHolding(group.speaker(node), vip)));
  for (const [node, vip] of Object.entries(vips)) group.want(vip, { node, generation: 2 });
  for (const [node, vip] of Object.entries(vips)) await group.holds(node, vip);
  const station = await lab.stationOn("client");
  for (const [node, vip] of Object.entries(vips)) await lab.resolvesTo(vip, await lab.macOf(node));
  return [group, station];
}

async function macs(...names: readonly string[]): Promise<readonly string[]> {
  return Promise.all(names.map(async (name) => formatMac(await lab.macOf(name))));
}

/** What a speaker said since it had said so many lines of addresses that it began or ceased to announce. */
function changesOf(speaker: Program, since: number): readonly string[] {
  return (speaker.lines.slice(since) as readonly Report[])
    .filter(({ kind }) => kind === "announced" || kind === "withdrawn")
    .map(({ kind, address: vip }) => `${kind} ${vip}`);
}

it("each address is answered for by the node that it is wanted on, and by it alone", async () => {
  const [, station] = await threeNodes();
  for (const [node, vip] of Object.entries(vips)) assert.deepEqual(sayersOf(station, vip), await macs(node));
});

it("a killed node's address is taken over, nothing else moves, and it takes nothing back when it returns", async () => {
  const [group, station] = await threeNodes();
  const [b, c] = [group.speaker("b").lines.length, group.speaker("c").lines.length];
  group.speaker("a").kill();
  const heir = await eventually("somebody takes over", () =>
    ["b", "c"].find((node) => isHolding(group.speaker(node), vips.a)),
  );
  await lab.resolvesTo(vips.a, await lab.macOf(heir));
  await group.join(await lab.speakerOn("a"));
  await group.linked();
  await group.holds(heir, vips.a);
  assert.deepEqual(sayersOf(station, vips.a), await macs("a", heir));
  const changes = [...changesOf(group.speaker("b"), b), ...changesOf(group.speaker("c"), c)];
  assert.deepEqual(changes, [`announced ${vips.a}`]);
});

it("a stopped node answers nothing when it wakes, whatever waits to be answered", async () => {
  const [group, station] = await threeNodes();
  const [a, client] = [group.speaker("a"), await lab.macOf("client")];
  a.pause(true);
  const heir = await eventually("somebody takes over", () =>
    ["b", "c"].find((node) => isHolding(group.speaker(node), vips.a)),
  );
  for (let i = 0; i < 20; i++) sendArp(station, arpProbe(address(vips.a), client), broadcastMac);
  await lab.resolvesTo(vips.a, await lab.macOf(heir));
  a.pause(false);
  await eventually("the woken one says that it lost", () => reports(a, "withdrawn", vips.a)[0]);
  await group.linked();
  assert.deepEqual(sayersOf(station, vips.a), await macs("a", heir));
});

it("a planned move leaves no question unanswered, and each after it is answered by the new holder", async () => {
  const [group, station] = await threeNodes();
  const client = await lab.macOf("client");
  let asked = 0;
  const asking = setInterval(() => {
    sendArp(station, arpProbe(address(vips.a), client), broadcastMac);
    asked++;
  }, 5);
  const answers = (): readonly string[] =>
    arpPackets(station)
      .filter(({ operation, targetIp }) => operation === "reply" && targetIp.value === 0n)
      .map(({ senderMac }) => formatMac(senderMac));
  await eventually("answers", () => answers().length > 10 || undefined);
  group.want(vips.a, { node: "b", generation: 3 });
  await group.holds("b", vips.a);
  const [, b] = await macs("a", "b");
  await eventually("answers of the new one", () => answers().filter((mac) => mac === b).length > 10 || undefined);
  clearInterval(asking);
  await eventually("all are answered", () => answers().length >= asked || undefined);
  const holders = answers().filter((mac, i, all) => mac !== all[i - 1]);
  assert.deepEqual(new Set(holders), new Set(await macs("a", "b")));
  assert.equal(answers().at(-1), b);
});

it("a node that is no longer willing gives its address to another, and goes on answering until that has it", async () => {
  const [group] = await threeNodes();
  group.want(vips.a, { node: "a", generation: 2, unwilling: ["a", "c"] });
  await group.holds("b", vips.a);
  assert.deepEqual(reports(group.speaker("a"), "conflict"), []);
});

it("a node that leaves gives everything away before it goes", async () => {
  const [group] = await threeNodes();
  group.speaker("a").say({ kind: "leave" });
  await eventually("a holds nothing", () => reports(group.speaker("a"), "withdrawn", vips.a)[0]);
  const heir = ["b", "c"].filter((node) => isHolding(group.speaker(node), vips.a));
  assert.equal(heir.length, 1);
});

it("a speaker that is killed and starts again at once goes on voting as before, and the address has one holder", async () => {
  const [group, station] = await threeNodes();
  const [b, c] = [group.speaker("b"), group.speaker("c")];
  const before = [b.lines.length, c.lines.length];
  for (let i = 0; i < 3; i++) {
    group.speaker("a").kill();
    await group.join(await lab.speakerOn("a"));
  }
  const holder = await eventually("one holds it", () => {
    const holding = members.filter((node) => isHolding(group.speaker(node), vips.a));
    return holding.length === 1 ? holding[0] : undefined;
  });
  await lab.resolvesTo(vips.a, await lab.macOf(holder));
  assert.equal(sayersOf(station, vips.a).at(-1), formatMac(await lab.macOf(holder)));
  const others = [b, c]
    .flatMap((each, i) => changesOf(each, before[i] ?? 0))
    .filter((change) => !change.endsWith(vips.a));
  assert.deepEqual(others, []);
});
