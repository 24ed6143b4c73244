/**
 * A node that runs the speaker and is alone in its group: `{"announce": address, "interface": name}` has an address held,
 * and the reports go out. `{"arp": interface}` is answered by `{"kind": "arp"}` with the reason why strict ARP is off, if it is.
 */
import { createInterface } from "node:readline";
import { looseArp } from "../../../src/announce/strict-arp.ts";
import { readArpSettings } from "../../../src/linux/strict-arp.ts";
import { type Address, formatAddress, parseAddress } from "../../../src/net/address.ts";
import { startSpeaker } from "../../../src/speaker/speaker.ts";

const [node = ""] = process.argv.slice(2);

function asText(_: string, value: unknown): unknown {
  const isAddress = typeof value === "object" && value !== null && "family" in value && "value" in value;
  return isAddress ? formatAddress(value as Address) : value;
}

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line, asText)}\n`);

const speaker = startSpeaker({
  settings: {
    node,
    port: 7474,
    intervalMs: 100,
    withoutQuorum: "Keep",
    leaseDurationMs: 30_000,
    stateDir: `/run/herald-${node}`,
  },
  onReport: print,
  onFailure: (error) => print({ kind: "ended", message: `${error.message}: ${error.cause}` }),
});

const list = { epoch: 1, members: [node], witness: false, forced: false };
speaker.send({ kind: "group", name: "alone", uid: node, list, byLease: false, peers: [] });

createInterface(process.stdin).on("line", (line) => {
  const { announce, interface: name, arp } = JSON.parse(line);
  if (arp !== undefined) print({ kind: "arp", reason: looseArp(readArpSettings([arp]))?.reason });
  const address = parseAddress(announce ?? "");
  if (address === undefined) return;
  const wish = { group: "alone", node, generation: 1, willing: true };
  speaker.send({ kind: "announce", address, ...wish, target: { interface: name, mode: "Responder", probe: false } });
  // Nothing is voted on before all wishes are said to be told.
  speaker.send({ kind: "wished", group: "alone" });
});
