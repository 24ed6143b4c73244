/**
 * Sends UDP datagrams of junk from eth0 as fast as one thread can, as whole frames, so that their source address can be
 * anybody's. Its argument says from where to where and how many; prints how many left and in how many milliseconds.
 */
import { encodeFrame, etherType } from "../../src/linux/ethernet.ts";
import { SystemCallError } from "../../src/linux/libc.ts";
import { openNetlink } from "../../src/linux/netlink-socket.ts";
import { readLinksAndAddresses } from "../../src/linux/network-monitor.ts";
import { arpFilter } from "../../src/linux/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../../src/linux/packet-socket.ts";
import { type Address, addressBytes, parseAddress } from "../../src/net/address.ts";

type Flood = { readonly from: string; readonly to: string; readonly mac: string; readonly count: number };

const port = 7474;
const differentFrames = 64;
const { from, to, mac, count } = JSON.parse(process.argv[2] ?? "") as Flood;
const [source, destination] = [parseAddress(from), parseAddress(to)];
if (source === undefined || destination === undefined) throw new Error(`no addresses: ${from}, ${to}`);

/** The Internet checksum of these bytes (RFC 1071). */
function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const bytes of parts) for (const [i, byte] of bytes.entries()) sum += i % 2 === 0 ? byte << 8 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function udp(ends: readonly Address[], payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, port);
  view.setUint16(2, port);
  view.setUint16(4, bytes.length);
  bytes.set(payload, 8);
  view.setUint16(6, checksum(...ends.map(addressBytes), Uint8Array.of(0, 17, 0, bytes.length), bytes) || 0xffff);
  return bytes;
}

function packet(sender: Address, receiver: Address, payload: Uint8Array): Uint8Array {
  const datagram = udp([sender, receiver], payload);
  const header = new Uint8Array(sender.family === 4 ? 20 : 40);
  const view = new DataView(header.buffer);
  if (sender.family === 4) {
    header.set([0x45, 0, 0, header.length + datagram.length, 0, 0, 0, 0, 255, 17]);
    header.set([...addressBytes(sender), ...addressBytes(receiver)], 12);
    view.setUint16(10, checksum(header));
  } else {
    header.set([0x60, 0, 0, 0, 0, datagram.length, 17, 255]);
    header.set([...addressBytes(sender), ...addressBytes(receiver)], 8);
  }
  return Uint8Array.of(...header, ...datagram);
}

function sendAll(socket: PacketSocket, frames: readonly Uint8Array[]): number {
  let sent = 0;
  while (sent < count) {
    try {
      socket.send(frames[sent % frames.length] ?? new Uint8Array());
      sent++;
    } catch (error) {
      if (!(error instanceof SystemCallError) || error.code !== "ENOBUFS") throw error;
    }
  }
  return sent;
}

const netlink = openNetlink();
const link = readLinksAndAddresses(netlink).links.find(({ name }) => name === "eth0");
if (link === undefined) throw new Error("no eth0");
const type = source.family === 4 ? 0x0800 : etherType.ipv6;
const frames = Array.from({ length: differentFrames }, (_, i) =>
  encodeFrame({
    destination: Uint8Array.from(Buffer.from(mac.replaceAll(":", ""), "hex")),
    source: link.mac,
    etherType: type,
    payload: packet(source, destination, crypto.getRandomValues(new Uint8Array(i + 20))),
  }),
);
const socket = openPacketSocket({
  interfaceIndex: link.index,
  etherType: etherType.arp,
  filter: arpFilter,
  onFrame: () => {},
});
const startMs = performance.now();
const sent = sendAll(socket, frames);
process.stdout.write(`${JSON.stringify({ sent, inMs: Math.round(performance.now() - startMs) })}\n`);
socket.close();
netlink.close();
