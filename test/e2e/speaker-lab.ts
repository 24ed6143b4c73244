/** What the speaker's tests share: two nodes and a client on a bridge, programs on them, and what to wait for. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach } from "node:test";
import { decodeFrame, encodeFrame, etherType } from "../../src/linux/ethernet.ts";
import { formatMac, type Mac, parseMac } from "../../src/net/mac.ts";
import { type ArpPacket, decodeArp, encodeArp } from "../../src/protocols/arp/packet.ts";
import { decodeNdp, encodeNdp, type NeighbourMessage } from "../../src/protocols/ndp/message.ts";
import { eventually } from "../support/eventually.ts";
import { createWorld, type Host, type Program, type World } from "./speaker-world.ts";

/** A line of speaker-node.ts. */
export type Report = {
  readonly kind: string;
  readonly at: number;
  readonly address?: string;
  readonly mac?: string;
  readonly message?: string;
  readonly cause?: string;
  readonly publicKey?: string;
  readonly quorum?: boolean;
  readonly linked?: readonly string[];
  readonly interfaces?: readonly { readonly name: string; readonly subnets: readonly unknown[] }[];
};

/** The hosts "a", "b" and "client" (10.9.0.1 to 3, fd09::1 to 3; or other nodes before the client), and programs that end with the test that started them. */
export type SpeakerLab = {
  readonly world: () => World;
  readonly host: (name: string) => Host;
  /** Starts speaker-node.ts, in a folder of state that it shares with later ones of the same test and name, and waits for its first report. */
  readonly speakerOn: (name: string) => Promise<Program>;
  /** Starts speaker-station.ts on an interface (eth0). */
  readonly stationOn: (name: string, device?: string) => Promise<Program>;
  /** Of an interface (eth0). */
  readonly macOf: (name: string, device?: string) => Promise<Mac>;
  /** Waits until the client's kernel, asking the network, finds the address at this MAC. */
  readonly resolvesTo: (address: string, mac: Mac) => Promise<void>;
  /** What the client's kernel believes, without asking. */
  readonly neighbourOf: (address: string) => Promise<string | undefined>;
};

/** Makes the world of these nodes and the client before the tests of a file, and ends it after them. */
export function speakerLab(nodes: readonly string[] = ["a", "b"]): SpeakerLab {
  let world: World | undefined;
  const programs: Program[] = [];
  let stateDir = "";
  before(async () => {
    world = await createWorld([...nodes, "client"]);
  });
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "herald-speaker-"));
  });
  after(() => world?.stop());
  const theWorld = (): World => world ?? assert.fail("no world");
  const host = (name: string): Host => theWorld().host(name);
  afterEach(async () => {
    await Promise.all(programs.splice(0).map((program) => program.end()));
    await host("client").run("ip neigh flush dev eth0 nud all");
    await rm(stateDir, { recursive: true });
  });
  const start = async (name: string, script: string, ...texts: readonly string[]): Promise<Program> => {
    const program = host(name).start(script, ...texts);
    programs.push(program);
    await eventually(`${script} on ${name} starts`, () => program.lines[0]);
    return program;
  };
  const neighbourOf = async (address: string): Promise<string | undefined> => {
    const list = await host("client").run(`ip -json neigh show ${address} dev eth0`);
    return (JSON.parse(list) as { lladdr?: string }[])[0]?.lladdr;
  };
  return {
    world: theWorld,
    host,
    speakerOn: (name) => start(name, "speaker-node.ts", name, join(stateDir, name)),
    stationOn: (name, device = "eth0") => start(name, "speaker-station.ts", device),
    macOf: async (name, device = "eth0") => {
      const text = await host(name).run(`ip -json link show dev ${device}`);
      return parseMac((JSON.parse(text) as { address: string }[])[0]?.address ?? "") ?? assert.fail(text);
    },
    neighbourOf,
    resolvesTo: async (address, mac) => {
      await eventually(`${address} resolves to ${formatMac(mac)}`, async () => {
        await host("client").run(`bash -c 'echo > /dev/udp/${address}/9' || true`);
        return (await neighbourOf(address)) === formatMac(mac) ? true : undefined;
      });
    },
  };
}

const alone = new WeakMap<Program, object>();

/** Asks a speaker-node.ts to announce, in a group that it is alone in. */
export function announce(
  speaker: Program,
  address: string,
  options: { mode?: string; probe?: boolean; interface?: string } = {},
): void {
  const list = { epoch: 1, members: [nodeOf(speaker)], witness: false, forced: false };
  const group = alone.get(speaker) ?? { kind: "group", name: "alone", uid: "1", list, byLease: false, peers: [] };
  if (!alone.has(speaker)) speaker.say(group);
  alone.set(speaker, group);
  const target = { interface: "eth0", mode: "Responder", probe: false, ...options };
  const wish = { group: "alone", node: nodeOf(speaker), generation: 1, willing: true, target };
  speaker.say({ kind: "announce", address, ...wish });
  speaker.say({ kind: "wished", group: "alone" });
}

/** The node whose name a speaker-node.ts was started with. */
export function nodeOf(speaker: Program): string {
  return speaker.texts[0] ?? assert.fail("no name");
}

/** The reports of a kind that a speaker-node.ts gave so far. */
export function reports(speaker: Program, kind: string, address?: string): readonly Report[] {
  const all = speaker.lines as readonly Report[];
  return all.filter((report) => report.kind === kind && (address === undefined || report.address === address));
}

/** Waits until there are this many such reports, and gives the last of them. */
export function reported(speaker: Program, kind: string, address: string, count = 1): Promise<Report> {
  return eventually(`${count}. ${kind} ${address}`, () => reports(speaker, kind, address)[count - 1]);
}

/** The ARP packets that a speaker-station.ts received so far. */
export function arpPackets(station: Program): readonly ArpPacket[] {
  return payloads(station, etherType.arp).map(decodeArp);
}

/** The neighbour messages that a speaker-station.ts received so far. */
export function neighbourMessages(station: Program): readonly NeighbourMessage[] {
  return payloads(station, etherType.ipv6).map(decodeNdp);
}

function payloads(station: Program, type: number): readonly Uint8Array[] {
  return (station.lines as readonly { frame?: string }[])
    .flatMap(({ frame }) => (frame === undefined ? [] : [decodeFrame(Buffer.from(frame, "hex"))]))
    .flatMap((frame) => (frame?.etherType === type ? [frame.payload] : []));
}

/** Lets a speaker-station.ts send an ARP packet from its sender's MAC. */
export function sendArp(station: Program, packet: ArpPacket, destination: Mac): void {
  const frame = { destination, source: packet.senderMac, etherType: etherType.arp, payload: encodeArp(packet) };
  station.say({ send: Buffer.from(encodeFrame(frame)).toString("hex") });
}

/** Lets a speaker-station.ts send a neighbour message. */
export function sendNdp(station: Program, message: NeighbourMessage, macs: { source: Mac; destination: Mac }): void {
  const frame = { ...macs, etherType: etherType.ipv6, payload: encodeNdp(message) };
  station.say({ send: Buffer.from(encodeFrame(frame)).toString("hex") });
}
