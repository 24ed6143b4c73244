/**
 * Runs on a host of the LAN: `node watch-frames.ts '<JSON of FrameOrder>'`; needs CAP_NET_RAW. Asks for the addresses again
 * and again, and prints `watching`, then a line of JSON for each frame by which a station says that an address is its own,
 * asked or not, until it is ended.
 */
import { readFileSync } from "node:fs";
import { decodeFrame, encodeFrame, etherType } from "../../src/linux/ethernet.ts";
import { arpFilter, ndpFilter } from "../../src/linux/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../../src/linux/packet-socket.ts";
import { type Address, formatAddress, parseAddress, sameAddress } from "../../src/net/address.ts";
import { formatMac, parseMac } from "../../src/net/mac.ts";
import { broadcastMac } from "../../src/protocols/arp/frames.ts";
import { decodeArp, encodeArp } from "../../src/protocols/arp/packet.ts";
import { multicastMac, neighbourProbe } from "../../src/protocols/ndp/frames.ts";
import { decodeNdp, encodeNdp } from "../../src/protocols/ndp/message.ts";
import { type Answer, encodeSight, type Pause } from "./answers.ts";
import { monotonicMs } from "./monotonic.ts";

/** What is asked for, from whose IPv4 address, and after how many milliseconds each address is asked for again. */
export type FrameOrder = { readonly addresses: readonly string[]; readonly asker: string; readonly everyMs: number };

/** A turn of the event loop that took longer is a pause of this process. */
const longestTurnMs = 15;

const order = JSON.parse(process.argv[2] ?? "") as FrameOrder;
const sysfs = (file: string): string => readFileSync(`/sys/class/net/eth0/${file}`, "utf8").trim();
const interfaceIndex = Number(sysfs("ifindex"));
const mac = parseMac(sysfs("address")) ?? new Uint8Array(6);
const asker = address(order.asker);

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`"${text}": no address`);
  return parsed;
}

const say = (sight: Answer | Pause): void => void process.stdout.write(encodeSight(sight));

function heardArp(payload: Uint8Array, atMs: number): void {
  const { senderIp, senderMac, targetIp, operation } = decodeArp(payload);
  const unasked = sameAddress(senderIp, targetIp);
  if (senderIp.value === 0n || (operation === "request" && !unasked)) return;
  say({ atMs, address: formatAddress(senderIp), mac: formatMac(senderMac), unasked });
}

function heardNdp(payload: Uint8Array, atMs: number): void {
  const message = decodeNdp(payload);
  if (message.kind !== "advertisement" || message.targetMac === undefined) return;
  say({
    atMs,
    address: formatAddress(message.target),
    mac: formatMac(message.targetMac),
    unasked: !message.solicited,
  });
}

function open(type: number, filter: Uint8Array, read: (payload: Uint8Array, atMs: number) => void): PacketSocket {
  return openPacketSocket({
    interfaceIndex,
    etherType: type,
    filter,
    onFrame: (bytes) => {
      const atMs = monotonicMs();
      const frame = decodeFrame(bytes);
      if (frame !== undefined) read(frame.payload, atMs);
    },
  });
}

const arp = open(etherType.arp, arpFilter, heardArp);
const ndp = open(etherType.ipv6, ndpFilter, heardNdp);

function ask(target: Address): void {
  if (target.family === 4) {
    const payload = encodeArp({
      operation: "request",
      senderMac: mac,
      senderIp: asker,
      targetMac: new Uint8Array(6),
      targetIp: target,
    });
    arp.send(encodeFrame({ destination: broadcastMac, source: mac, etherType: etherType.arp, payload }));
    return;
  }
  const probe = neighbourProbe(target);
  const destination = multicastMac(probe.destination);
  ndp.send(encodeFrame({ destination, source: mac, etherType: etherType.ipv6, payload: encodeNdp(probe) }));
}

// Spread over the period, so that no burst of questions makes the answers late.
const targets = order.addresses.map(address);
let turn = 0;
let asked = 0;
const begunMs = monotonicMs();
let lastMs = begunMs;
setInterval(() => {
  const nowMs = monotonicMs();
  if (nowMs - lastMs > longestTurnMs) say({ fromMs: lastMs, toMs: nowMs });
  lastMs = nowMs;
  const dueByNow = Math.floor(((nowMs - begunMs) / order.everyMs) * targets.length);
  // After a stop of this process the questions that were missed are not made up for.
  for (asked = Math.max(asked, dueByNow - targets.length); asked < dueByNow; asked++) {
    const target = targets[turn++ % targets.length];
    if (target !== undefined) ask(target);
  }
}, 1);
process.stdout.write("watching\n");
