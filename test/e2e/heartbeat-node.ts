/**
 * A member of a group that only sends and hears heartbeats, on eth0. The argument says who it is; commands come as lines of
 * JSON. Prints what it hears and, when asked, what it counted. `seal` sends one by an ordinary socket, with its tag or code
 * spoiled or by another TTL if so asked.
 */
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { type Address, formatAddress, parseAddress } from "../../src/net/address.ts";
import { directionKey, type KeyPair } from "../../src/protocols/heartbeat/keys.ts";
import { encodeHeartbeat, type Heartbeat } from "../../src/protocols/heartbeat/packet.ts";
import { seal } from "../../src/protocols/heartbeat/seal.ts";
import { createHeartbeatCounters, openHeartbeats } from "../../src/speaker/heartbeats.ts";

type Member = { readonly node: string; readonly address: string; readonly keys: KeyPair };
type PeerText = { readonly node: string; readonly address: string; readonly key: string };
type Sealed = { readonly to: PeerText; readonly seq: number; readonly ttl?: number; readonly spoil?: number };
type Command =
  | { readonly peers: readonly PeerText[] }
  | { readonly send: string; readonly count: number; readonly everyMs: number }
  | { readonly seal: Sealed }
  | { readonly count: true };

const group = "lan0-1";
const port = 7474;
const self = JSON.parse(process.argv[2] ?? "") as Member;
const counters = createHeartbeatCounters();
const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

const heartbeat = (seq: number): Heartbeat => ({
  boot: 7n,
  seq,
  ack: { boot: 0n, seq: 0 },
  epoch: 1,
  quorum: true,
  leaving: false,
  answerMe: false,
  witness: false,
  forced: false,
  intervalMs: 100,
  table: { version: 1, from: 0, upTo: 1, known: 0, entries: [{ address: addressOf(self.address), wants: 1 }] },
});

const heartbeats = openHeartbeats({
  ...self,
  address: addressOf(self.address),
  interfaceName: "eth0",
  port,
  group,
  counters,
  onHeartbeat: (from, { seq, table }) => {
    const [entry] = table.entries;
    print({ heard: from, seq, address: entry && formatAddress(entry.address) });
  },
});

function sendMany(to: string, count: number, everyMs: number): void {
  for (let seq = 1; seq <= count; seq++) {
    const send = (): void => {
      heartbeats.send(to, heartbeat(seq));
      if (seq === count) print({ sentAll: to });
    };
    if (everyMs === 0) send();
    else setTimeout(send, seq * everyMs);
  }
}

function sendSealed({ to, seq, ttl = 255, spoil }: Sealed): void {
  const key = directionKey(self.keys, to.key, { group, from: self.node, to: to.node });
  const datagram = seal(encodeHeartbeat(heartbeat(seq)), key);
  const at = spoil === undefined ? undefined : (spoil + datagram.length) % datagram.length;
  if (at !== undefined) datagram[at] = (datagram[at] ?? 0) ^ 1;
  const socket = createSocket(self.address.includes(":") ? "udp6" : "udp4");
  socket.bind(0, self.address, () => {
    socket.setTTL(ttl);
    socket.send(datagram, port, to.address, () => {
      socket.close();
      print({ sealed: seq });
    });
  });
}

function obey(command: Command): void {
  if ("peers" in command)
    heartbeats.setPeers(command.peers.map((peer) => ({ ...peer, address: addressOf(peer.address) })));
  else if ("send" in command) sendMany(command.send, command.count, command.everyMs);
  else if ("seal" in command) sendSealed(command.seal);
  else print({ counters });
}

const input = createInterface(process.stdin);
input.on("line", (line) => obey(JSON.parse(line) as Command));
input.on("close", () => heartbeats.close());
print({ ready: true });
