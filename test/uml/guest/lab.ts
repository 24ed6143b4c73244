/** What the cases share: the network, a speaker on "a" and one on "b", and what a station on "client" sees on its devices. */
import { decodeFrame, encodeFrame, etherType } from "../../../src/linux/ethernet.ts";
import { sameAddress } from "../../../src/net/address.ts";
import { formatMac, parseMac } from "../../../src/net/mac.ts";
import { broadcastMac } from "../../../src/protocols/arp/frames.ts";
import { type ArpPacket, decodeArp, encodeArp } from "../../../src/protocols/arp/packet.ts";
import { multicastMac, neighbourProbe } from "../../../src/protocols/ndp/frames.ts";
import { decodeNdp, encodeNdp, type NeighbourAdvertisement } from "../../../src/protocols/ndp/message.ts";
import { address } from "../../support/builders.ts";
import { eventually } from "../../support/eventually.ts";
import { type Program, shellOn, start } from "./machine.ts";
import { makeNetwork } from "./network.ts";

/** A device of the client. */
export type Device = "eth0" | "eth0.10" | "eth0.20";

type Report = { readonly kind: string; readonly address?: string; readonly reason?: string };

/** The programs; there from the first case on. */
const programs = new Map<string, Program>();

/** Makes the network and starts the programs; to be called once. */
export async function openLab(): Promise<void> {
  await makeNetwork();
  for (const name of ["a", "b"]) programs.set(name, await start(name, "node.ts", name));
  programs.set("station", await start("client", "station.ts", "eth0", "eth0.10", "eth0.20"));
}

function program(name: string): Program {
  const found = programs.get(name);
  if (found === undefined) throw new Error(`no program ${name}`);
  return found;
}

/** What a speaker said of an address so far. */
export function reportsOf(name: "a" | "b", vip: string): readonly string[] {
  const all = program(name).lines as readonly Report[];
  return all.flatMap(({ kind, address: about }) => (about === vip ? [kind] : []));
}

/** Has a speaker hold an address, and waits until it does. */
export async function hold(name: "a" | "b", vip: string, device: string): Promise<void> {
  program(name).say({ announce: vip, interface: device });
  await eventually(`${vip} is announced`, () => reportsOf(name, vip).includes("announced") || undefined);
}

/** What a node has to say of the ARP of its interface: a reason or nothing. */
export async function arpReason(name: "a" | "b", device: string): Promise<string | undefined> {
  const answers = (): readonly { readonly reason?: string }[] =>
    (program(name).lines as readonly Report[]).filter(({ kind }) => kind === "arp");
  const before = answers().length;
  program(name).say({ arp: device });
  return (await eventually("an answer of the node", () => answers()[before])).reason;
}

/** The MAC of a host's device. */
export async function macOf(name: string, device: string): Promise<string> {
  const [link] = JSON.parse(await shellOn(name, `ip -json link show dev ${device}`)) as { address: string }[];
  return link?.address ?? "";
}

function payloads(device: Device, type: number): readonly Uint8Array[] {
  return (program("station").lines as readonly { device?: string; frame?: string }[])
    .flatMap((line) => (line.device === device && line.frame ? [decodeFrame(Buffer.from(line.frame, "hex"))] : []))
    .flatMap((frame) => (frame?.etherType === type ? [frame.payload] : []));
}

/** The ARP packets that arrived at the client's device so far in the name of an address. */
export function arpFrom(device: Device, vip: string): readonly ArpPacket[] {
  return payloads(device, etherType.arp)
    .map(decodeArp)
    .filter(({ senderIp }) => sameAddress(senderIp, address(vip)));
}

/** The advertisements of an address that arrived there so far. */
export function advertisementsOf(device: Device, vip: string): readonly NeighbourAdvertisement[] {
  return payloads(device, etherType.ipv6)
    .map(decodeNdp)
    .flatMap((message) =>
      message.kind === "advertisement" && sameAddress(message.target, address(vip)) ? [message] : [],
    );
}

/** How many announcements of an address, sent to all, arrived there so far. */
export function announcements(device: Device, vip: string): number {
  return vip.includes(":")
    ? advertisementsOf(device, vip).filter(({ solicited }) => !solicited).length
    : arpFrom(device, vip).filter(({ senderIp, targetIp }) => sameAddress(senderIp, targetIp)).length;
}

/** The MACs, as text and each once, that answered the asker of this address there for an IPv4 address. */
export function answerers(device: Device, vip: string, asker: string): readonly string[] {
  const answers = arpFrom(device, vip).filter(({ targetIp }) => sameAddress(targetIp, address(asker)));
  return [...new Set(answers.map(({ senderMac }) => formatMac(senderMac)))].sort();
}

let askers = 100;

/** Has the client ask there for IPv4 addresses, one after the other, in the name of an address of its own for each call, which it gives. */
export async function ask(device: Device, ...targets: readonly string[]): Promise<string> {
  const asker = `10.9.0.${askers++}`;
  const source = parseMac(await macOf("client", device)) ?? broadcastMac;
  for (const target of targets) {
    const ends = {
      senderMac: source,
      senderIp: address(asker),
      targetMac: new Uint8Array(6),
      targetIp: address(target),
    };
    const payload = encodeArp({ operation: "request", ...ends });
    const frame = encodeFrame({ source, destination: broadcastMac, etherType: etherType.arp, payload });
    program("station").say({ device, send: Buffer.from(frame).toString("hex") });
  }
  return asker;
}

/** Has the client ask on eth0 whether somebody has an IPv6 address. */
export async function probe6(target: string): Promise<void> {
  const source = parseMac(await macOf("client", "eth0")) ?? broadcastMac;
  const message = neighbourProbe(address(target));
  const ends = { source, destination: multicastMac(message.destination) };
  const frame = encodeFrame({ ...ends, etherType: etherType.ipv6, payload: encodeNdp(message) });
  program("station").say({ device: "eth0", send: Buffer.from(frame).toString("hex") });
}

/** Waits until the client's kernel, asking on a device, finds the address at this MAC. */
export async function resolves(device: Device, vip: string, mac: string): Promise<void> {
  await shellOn("client", `ip neigh flush ${vip} dev ${device}`);
  await eventually(`${vip} resolves to ${mac} on ${device}`, async () => {
    const ask = `bash -c 'echo > /dev/udp/${vip}/9' || true; ip -json neigh show ${vip} dev ${device}`;
    const [entry] = JSON.parse(await shellOn("client", ask)) as { lladdr?: string }[];
    return entry?.lladdr === mac ? true : undefined;
  });
}
