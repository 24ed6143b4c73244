/** How an address changes its holder, and what happens when two have it; on a real kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { sameAddress } from "../../src/net/address.ts";
import { formatMac } from "../../src/net/mac.ts";
import { broadcastMac, gratuitousRequest } from "../../src/protocols/arp/frames.ts";
import { address } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { announce, arpPackets, reported, reports, sendArp, speakerLab } from "./speaker-lab.ts";

const lab = speakerLab();
const vips = ["10.9.0.100", "fd09::100"];

for (const mode of ["Responder", "Address"])
  for (const vip of vips)
    it(`${mode}, ${vip}: the heir's announcement moves the client's neighbour entry and ends the old holder's answers`, async () => {
      const [a, b] = [await lab.speakerOn("a"), await lab.speakerOn("b")];
      announce(a, vip, { mode });
      await reported(a, "announced", vip);
      await lab.resolvesTo(vip, await lab.macOf("a"));
      a.say({ kind: "yield", address: vip });
      announce(b, vip, { mode });
      await reported(a, "withdrawn", vip);
      const heir = formatMac(await lab.macOf("b"));
      await eventually("the neighbour entry moves", async () =>
        (await lab.neighbourOf(vip)) === heir ? true : undefined,
      );
      assert.deepEqual(reports(b, "conflict"), []);
    });

it("a yield to nobody ends after its time, and not before", async () => {
  const speaker = await lab.speakerOn("a");
  announce(speaker, "10.9.0.100");
  const { at } = await reported(speaker, "announced", "10.9.0.100");
  speaker.say({ kind: "yield", address: "10.9.0.100" });
  const withdrawn = await reported(speaker, "withdrawn", "10.9.0.100");
  assert.ok(withdrawn.at - at >= 250);
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

it("on stale authority a holder gives way to the first sign of another, and answers no more", async () => {
  const vip = "10.9.0.100";
  const [a, b] = [await lab.speakerOn("a"), await lab.speakerOn("b")];
  announce(a, vip);
  await reported(a, "announced", vip);
  a.say({ kind: "authority", fresh: false });
  announce(b, vip);
  const superseded = await reported(a, "superseded", vip);
  assert.equal(superseded.mac, formatMac(await lab.macOf("b")));
  await lab.resolvesTo(vip, await lab.macOf("b"));
});

it("on stale authority a holder finds a silent other one by asking", async () => {
  const vip = "10.9.0.100";
  const speaker = await lab.speakerOn("a");
  announce(speaker, vip);
  await reported(speaker, "announced", vip);
  speaker.say({ kind: "authority", fresh: false });
  // Linux puts an address on an interface without a word about it.
  await lab.host("client").run(`ip address add ${vip}/24 dev eth0`);
  const superseded = await reported(speaker, "superseded", vip);
  assert.equal(superseded.mac, formatMac(await lab.macOf("client")));
  await lab.host("client").run(`ip address delete ${vip}/24 dev eth0`);
});
