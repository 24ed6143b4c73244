/** A node on two LANs: each address belongs to one of them. On a real kernel. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { sameAddress } from "../../src/net/address.ts";
import { arpProbe, broadcastMac, gratuitousRequest } from "../../src/protocols/arp/frames.ts";
import { multicastMac, neighbourProbe, unsolicitedAdvertisement } from "../../src/protocols/ndp/frames.ts";
import { address } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import {
  announce,
  arpPackets,
  neighbourMessages,
  reported,
  reports,
  sendArp,
  sendNdp,
  speakerLab,
} from "./speaker-lab.ts";
import type { Program } from "./speaker-world.ts";

const lab = speakerLab();
const stranger = Uint8Array.of(2, 0, 0, 0, 0, 0x99);
/** Announced on eth0, of the first LAN. */
const first = ["10.9.0.100", "fd09::100"] as const;
/** Announced on eth1, of the second LAN. */
const second = ["10.8.0.100", "fd08::100"] as const;

let joined: Promise<void> | undefined;

/** A speaker that holds both LANs' addresses, and a station on the second LAN. */
async function twoLans(): Promise<readonly [speaker: Program, station: Program]> {
  joined ??= lab.world().join("a", "client", "eth1");
  await joined;
  const [speaker, station] = [await lab.speakerOn("a"), await lab.stationOn("client", "eth1")];
  for (const vip of first) announce(speaker, vip);
  for (const vip of second) announce(speaker, vip, { interface: "eth1" });
  for (const vip of [...first, ...second]) await reported(speaker, "announced", vip);
  return [speaker, station];
}

it("answers on a LAN for the addresses that are announced there, and not for those of the other LAN", async () => {
  const [, station] = await twoLans();
  const mac = await lab.macOf("client", "eth1");
  for (const [vip4, vip6] of [first, second]) {
    sendArp(station, arpProbe(address(vip4), mac), broadcastMac);
    const probe = neighbourProbe(address(vip6));
    sendNdp(station, probe, { source: mac, destination: multicastMac(probe.destination) });
  }
  const answered4 = (vip: string): boolean =>
    arpPackets(station).some(
      ({ operation, senderIp, targetIp }) =>
        operation === "reply" && targetIp.value === 0n && sameAddress(senderIp, address(vip)),
    );
  const answered6 = (vip: string): boolean =>
    neighbourMessages(station).some(
      (message) => message.kind === "advertisement" && sameAddress(message.target, address(vip)),
    );
  // What was asked later is answered, so that what was asked before would have been.
  await eventually("the answers for the LAN's own", () => (answered4(second[0]) && answered6(second[1])) || undefined);
  assert.deepEqual([answered4(first[0]), answered6(first[1])], [false, false]);
});

it("has no conflict with a station of the other LAN that has the same address", async () => {
  const [speaker, station] = await twoLans();
  const claim = (vip4: string, vip6: string): void => {
    sendArp(station, gratuitousRequest(address(vip4), stranger), broadcastMac);
    const message = unsolicitedAdvertisement(address(vip6), stranger);
    sendNdp(station, message, { source: stranger, destination: multicastMac(message.destination) });
  };
  await eventually("the conflicts of the LAN's own", () => {
    claim(...first);
    claim(...second);
    return second.every((vip) => reports(speaker, "conflict", vip).length === 1) || undefined;
  });
  for (const vip of first) assert.deepEqual(reports(speaker, "conflict", vip), []);
});
