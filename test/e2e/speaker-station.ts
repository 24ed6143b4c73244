/**
 * A station that sees and sends single frames on eth0, or the interface that its argument names. Prints `{"frame": hex}` for each ARP packet and neighbour message
 * that it receives; `{"send": hex}` sends one, `{"leftover": address}` puts an address with Herald's mark on the interface
 * as a killed speaker would, but for an hour.
 */
import { createInterface } from "node:readline";
import { etherType } from "../../src/linux/ethernet.ts";
import { HERALD_MARK } from "../../src/linux/interfaces.ts";
import { openNetlink, requestFlag } from "../../src/linux/netlink-socket.ts";
import { readLinksAndAddresses } from "../../src/linux/network-monitor.ts";
import { arpFilter, ndpFilter } from "../../src/linux/packet-filter.ts";
import { openPacketSocket, type PacketSocket } from "../../src/linux/packet-socket.ts";
import { encodeHostAddress, messageType } from "../../src/linux/rtnetlink.ts";
import { parseAddress } from "../../src/net/address.ts";

const interfaceName = process.argv[2] ?? "eth0";
const netlink = openNetlink();
const interfaceIndex = readLinksAndAddresses(netlink).links.find(({ name }) => name === interfaceName)?.index ?? 0;
const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

function open(type: number, filter: Uint8Array): PacketSocket {
  const onFrame = (frame: Uint8Array): boolean => print({ frame: Buffer.from(frame).toString("hex") });
  return openPacketSocket({ interfaceIndex, etherType: type, filter, onFrame });
}

function leaveOver(text: string): void {
  const address = parseAddress(text);
  if (address === undefined) return;
  const payload = encodeHostAddress(
    { index: interfaceIndex, address, mark: HERALD_MARK },
    { validSeconds: 3600, preferredSeconds: 0 },
  );
  const [failure] = netlink.apply([{ type: messageType.newAddress, flags: requestFlag.create, payload }]);
  print({ leftover: text, failure });
}

const sockets = [open(etherType.arp, arpFilter), open(etherType.ipv6, ndpFilter)];
const input = createInterface(process.stdin);
input.on("line", (line) => {
  const command = JSON.parse(line);
  if ("send" in command) sockets[0]?.send(Buffer.from(command.send, "hex"));
  else leaveOver(command.leftover);
});
input.on("close", () => {
  for (const socket of sockets) socket.close();
});
print({ ready: true });
