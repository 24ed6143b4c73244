/**
 * A station on the LAN, to be run in a host's namespace; needs CAP_NET_RAW.
 *   node lan-station.ts who-has ADDRESS     asks 5 times and prints the MACs that answered, as a JSON list
 *   node lan-station.ts listen              prints `listening`, then each claim of an address as a JSON line, until it is ended
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeFrame, encodeFrame, etherType } from "../../src/linux/ethernet.ts";
import { arpFilter, ndpFilter } from "../../src/linux/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../../src/linux/packet-socket.ts";
import { type Address, formatAddress, parseAddress, sameAddress } from "../../src/net/address.ts";
import { formatMac, type Mac, parseMac } from "../../src/net/mac.ts";
import { arpProbe, broadcastMac } from "../../src/protocols/arp/frames.ts";
import { decodeArp, encodeArp } from "../../src/protocols/arp/packet.ts";
import { multicastMac, neighbourProbe } from "../../src/protocols/ndp/frames.ts";
import { decodeNdp, encodeNdp } from "../../src/protocols/ndp/message.ts";

/** A station said that an address is its own. */
export type Claim = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly address: string;
  readonly mac: string;
  /** Whether nobody had asked: a gratuitous ARP or an unsolicited advertisement. */
  readonly unasked: boolean;
};

const repeats = 5;
const repeatEveryMs = 100;

type Lan = { readonly index: number; readonly mac: Mac };

function lanOf(name: string): Lan {
  const read = (file: string): string => readFileSync(`/sys/class/net/${name}/${file}`, "utf8").trim();
  return { index: Number(read("ifindex")), mac: parseMac(read("address")) ?? new Uint8Array(6) };
}

type Heard = { readonly address: Address; readonly mac: Uint8Array; readonly unasked: boolean };

function heardArp(payload: Uint8Array): Heard | undefined {
  const { senderIp, senderMac, targetIp, operation } = decodeArp(payload);
  const unasked = sameAddress(senderIp, targetIp);
  if (senderIp.value === 0n || (operation === "request" && !unasked)) return undefined;
  return { address: senderIp, mac: senderMac, unasked };
}

function heardNdp(payload: Uint8Array): Heard | undefined {
  const message = decodeNdp(payload);
  if (message.kind !== "advertisement" || message.targetMac === undefined) return undefined;
  // An answer to duplicate address detection goes to all nodes too, and is not solicited either (RFC 4861, 7.2.4).
  return { address: message.target, mac: message.targetMac, unasked: !message.solicited };
}

function open(lan: Lan, onHeard: (heard: Heard) => void): { arp: PacketSocket; ndp: PacketSocket } {
  const onFrame = (read: (payload: Uint8Array) => Heard | undefined) => (bytes: Uint8Array) => {
    const frame = decodeFrame(bytes);
    if (frame === undefined) return;
    const heard = read(frame.payload);
    if (heard !== undefined) onHeard(heard);
  };
  const interfaceIndex = lan.index;
  return {
    arp: openPacketSocket({ interfaceIndex, etherType: etherType.arp, filter: arpFilter, onFrame: onFrame(heardArp) }),
    ndp: openPacketSocket({ interfaceIndex, etherType: etherType.ipv6, filter: ndpFilter, onFrame: onFrame(heardNdp) }),
  };
}

async function whoHas(lan: Lan, address: Address): Promise<void> {
  const macs = new Set<string>();
  const sockets = open(lan, (heard) => {
    if (sameAddress(heard.address, address)) macs.add(formatMac(heard.mac));
  });
  for (let i = 0; i < repeats; i++) {
    (address.family === 4 ? sockets.arp : sockets.ndp).send(question(lan, address));
    await sleep(repeatEveryMs);
  }
  sockets.arp.close();
  sockets.ndp.close();
  process.stdout.write(`${JSON.stringify([...macs].sort())}\n`);
}

function question({ mac: source }: Lan, address: Address): Uint8Array {
  if (address.family === 4)
    return encodeFrame({
      destination: broadcastMac,
      source,
      etherType: etherType.arp,
      payload: encodeArp(arpProbe(address, source)),
    });
  const probe = neighbourProbe(address);
  return encodeFrame({
    destination: multicastMac(probe.destination),
    source,
    etherType: etherType.ipv6,
    payload: encodeNdp(probe),
  });
}

function listen(lan: Lan): void {
  open(lan, ({ address, mac, unasked }) => {
    const claim: Claim = { at: Date.now(), address: formatAddress(address), mac: formatMac(mac), unasked };
    process.stdout.write(`${JSON.stringify(claim)}\n`);
  });
  process.stdout.write("listening\n");
}

const [command, text = ""] = process.argv.slice(2);
const lan = lanOf("eth0");
const address = parseAddress(text);
if (command === "listen") listen(lan);
else if (command === "who-has" && address !== undefined) await whoHas(lan, address);
else process.exitCode = 2;
