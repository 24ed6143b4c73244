/**
 * Runs on the client: `node lan-listener.ts`. Prints `listening`, then a line of JSON for each ARP packet by which a station
 * says that it has an address, until it is ended.
 */
import { readFileSync } from "node:fs";
import { decodeFrame, etherType } from "../src/linux/ethernet.ts";
import { arpFilter } from "../src/linux/packet-filter.ts";
import { openPacketSocket } from "../src/linux/packet-socket.ts";
import { formatAddress, sameAddress } from "../src/net/address.ts";
import { decodeArp } from "../src/protocols/arp/packet.ts";
import { nowMs } from "./bare-client.ts";

/** When an address was heard of, on the clock of `nowMs`. */
export type HeardArp = { readonly atMs: number; readonly address: string };

const interfaceIndex = Number(readFileSync("/sys/class/net/eth0/ifindex", "utf8"));

openPacketSocket({
  interfaceIndex,
  etherType: etherType.arp,
  filter: arpFilter,
  onFrame: (bytes) => {
    const atMs = nowMs();
    const { operation, senderIp, targetIp } = decodeArp(decodeFrame(bytes)?.payload ?? bytes);
    if (operation === "request" && !sameAddress(senderIp, targetIp)) return;
    process.stdout.write(`${JSON.stringify({ atMs, address: formatAddress(senderIp) } satisfies HeardArp)}\n`);
  },
});
process.stdout.write("listening\n");
