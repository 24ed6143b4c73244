/** How an address changes its holder, and what happens when two have it; on a real kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { sameAddress } from "../../src/net/address.ts";
import { formatMac } from "../../src/net/mac.ts";
import { broadcastMac, gratuitousRequest } from "../../src/protocols/arp/frames.ts";
import { address } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { type SpeakerGroup, speakerGroup } from "./speaker-group.ts";
import { announce, arpPackets, reported, reports, sendArp, speakerLab } from "./speaker-lab.ts";
import type { Program } from "./speaker-world.ts";

const lab = speakerLab();
const vips = ["10.9.0.100", "fd09::100"];

/** The group of two speakers that hear each other, without a witness: only both together are a quorum. */
async function pair(): Promise<SpeakerGroup> {
  const group = speakerGroup(lab, { members: ["a", "b"] });
  for (const node of ["a", "b"]) await group.join(await lab.speakerOn(node));
  await group.linked();
  return group;
}

for (const mode of ["Responder", "Address"])
  for (const vip of vips)
    it(`${mode}, ${vip}: a planned move moves the client's neighbour entry and ends the old holder's answers`, async () => {
      const group = await pair();
      group.want(vip, { node: "a", mode });
      await group.holds("a", vip);
      await lab.resolvesTo(vip, await lab.macOf("a"));
      group.want(vip, { node: "b", generation: 2, mode });
      await group.holds("b", vip);
      const heir = formatMac(await lab.macOf("b"));
      await eventually("the neighbour entry moves", async () =>
        (await lab.neighbourOf(vip)) === heir ? true : undefined,
      );
      for (const node of ["a", "b"]) assert.deepEqual(reports(group.speaker(node), "conflict"), []);
    });

for (const [vip, length] of [
  ["10.9.0.100", 24],
  ["fd09::100", 64],
] as const)
  it(`the first use of ${vip} finds a foreign holder, and takes the address when that is gone`, async () => {
    await lab.host("client").run(`ip address add ${vip}/${length} dev eth0 ${length === 64 ? "nodad" : ""}`);
    const speaker = await lab.speakerOn("a");
    announce(speaker, vip, { probe: true });
    const conflict = await reported(speaker, "conflict", vip);
    assert.equal(conflict.mac, formatMac(await lab.macOf("client")));
    assert.deepEqual(reports(speaker, "announced"), []);
    await lab.host("client").run(`ip address delete ${vip}/${length} dev eth0`);
    await reported(speaker, "announced", vip);
    assert.equal(reports(speaker, "conflictOver", vip).length, 1);
    assert.equal(reports(speaker, "conflict", vip).length, 1);
  });

it("an announced address that another station claims is defended, and told as a conflict once", async () => {
  const vip = "10.9.0.100";
  const [speaker, station] = [await lab.speakerOn("a"), await lab.stationOn("client")];
  announce(speaker, vip);
  await reported(speaker, "announced", vip);
  const claim = gratuitousRequest(address(vip), await lab.macOf("client"));
  const conflict = await eventually("conflict", () => {
    sendArp(station, claim, broadcastMac);
    return reports(speaker, "conflict", vip)[0];
  });
  assert.equal(conflict.mac, formatMac(await lab.macOf("client")));
  await eventually("a defence", () => {
    const announcements = arpPackets(station).filter(
      ({ senderIp, targetIp }) => sameAddress(senderIp, targetIp) && sameAddress(senderIp, address(vip)),
    );
    // Two frames at the start and two at each of four repeats are not the defence.
    return announcements.length > 10 ? true : undefined;
  });
  assert.equal(reports(speaker, "conflict", vip).length, 1);
  assert.deepEqual(reports(speaker, "withdrawn"), []);
});

/** The one of the two that is left without a quorum and an API server, and keeps the address. */
async function keeper(vip: string): Promise<Program> {
  const group = await pair();
  group.want(vip, { node: "a" });
  await group.holds("a", vip);
  group.speaker("b").kill();
  await eventually("the quorum is lost", () => reports(group.speaker("a"), "groupState").at(-1)?.quorum === false);
  await lab.resolvesTo(vip, await lab.macOf("a"));
  return group.speaker("a");
}

it("without a quorum a keeper gives way to the first sign of another station, and answers no more", async () => {
  const vip = "10.9.0.100";
  const [a, station] = [await keeper(vip), await lab.stationOn("client")];
  sendArp(station, gratuitousRequest(address(vip), await lab.macOf("client")), broadcastMac);
  const { cause } = await reported(a, "withdrawn", vip);
  assert.equal(cause, "ForeignStation");
});

it("without a quorum a keeper finds a silent other holder by asking", async () => {
  const vip = "10.9.0.100";
  const a = await keeper(vip);
  // Linux puts an address on an interface without a word about it.
  await lab.host("client").run(`ip address add ${vip}/24 dev eth0`);
  const { cause } = await reported(a, "withdrawn", vip);
  assert.equal(cause, "ForeignStation");
  await lab.host("client").run(`ip address delete ${vip}/24 dev eth0`);
});
