/**
 * Sees and sends single frames on the interfaces that its arguments name: prints `{"device", "frame": hex}` for each ARP
 * packet and neighbour message that arrives there; `{"device", "send": hex}` sends one.
 */
import { createInterface } from "node:readline";
import { etherType } from "../../../src/linux/ethernet.ts";
import { openNetlink } from "../../../src/linux/netlink-socket.ts";
import { readLinksAndAddresses } from "../../../src/linux/network-monitor.ts";
import { arpFilter, ndpFilter } from "../../../src/linux/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../../../src/linux/packet-socket.ts";

const { links } = readLinksAndAddresses(openNetlink());
const sockets = new Map<string, readonly PacketSocket[]>();

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

for (const device of process.argv.slice(2)) {
  const interfaceIndex = links.find(({ name }) => name === device)?.index ?? 0;
  const onFrame = (frame: Uint8Array): boolean => print({ device, frame: Buffer.from(frame).toString("hex") });
  const arp = openPacketSocket({ interfaceIndex, etherType: etherType.arp, filter: arpFilter, onFrame });
  const ndp = openPacketSocket({ interfaceIndex, etherType: etherType.ipv6, filter: ndpFilter, onFrame });
  sockets.set(device, [arp, ndp]);
}

createInterface(process.stdin).on("line", (line) => {
  const { device, send } = JSON.parse(line);
  sockets.get(device)?.[0]?.send(Buffer.from(send, "hex"));
});
print({ ready: true });
