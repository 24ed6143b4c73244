/**
 * One end of TCP connections on eth0, for tests. Commands come as lines of JSON; each is answered by a line. A listener sends
 * back what it hears. `watch` prints TTL and class of each TCP packet that arrives for a port (needs CAP_NET_RAW).
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { decodeFrame, etherType } from "../../src/linux/ethernet.ts";
import { openPacketSocket } from "../../src/linux/packet-socket.ts";
import { listenTcp, type TcpListenOptions, type TcpPeer } from "../../src/linux/tcp-listener.ts";
import { connectTcp, type TcpConnectOptions } from "../../src/linux/tcp-socket.ts";
import { type Address, formatAddress, parseAddress } from "../../src/net/address.ts";

type Listen = Omit<TcpListenOptions, "local" | "onConnection" | "onError"> & {
  readonly local: string;
  readonly port: number;
  readonly peers: readonly { readonly address: string; readonly password?: string }[];
};
type Connect = Omit<TcpConnectOptions, "peer" | "source"> & {
  readonly peer: string;
  readonly port: number;
  readonly source?: string;
  readonly withinMs: number;
};
type Command =
  | { readonly listen: Listen }
  | { readonly connect: Connect }
  | { readonly watch: { readonly port: number; readonly index: number } };

const print = (line: object): boolean => process.stdout.write(`${JSON.stringify(line)}\n`);
const withoutFilter = Uint8Array.of(6, 0, 0, 0, 0, 0, 4, 0);

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

async function listen({ local, port, peers, ...settings }: Listen): Promise<object> {
  const listener = await listenTcp({
    ...settings,
    local: { address: addressOf(local), port },
    onConnection: ({ stream, peer }) => {
      print({ accepted: formatAddress(peer.address) });
      stream.on("error", () => {}).pipe(stream);
    },
    onError: (error) => print({ failed: error.message }),
  });
  listener.setPeers(peers.map((peer): TcpPeer => ({ ...peer, address: addressOf(peer.address) })));
  return { listening: port };
}

async function connect({ peer, port, source, withinMs, ...settings }: Connect): Promise<object> {
  const where = { peer: { address: addressOf(peer), port }, ...(source ? { source: addressOf(source) } : {}) };
  const { stream, local } = await connectTcp({ ...settings, ...where }, AbortSignal.timeout(withinMs));
  const answer = new Promise<string>((resolve, reject) => {
    stream.once("data", (bytes: Buffer) => resolve(bytes.toString()));
    stream.once("close", () => reject(new Error("closed without an answer")));
  });
  stream.on("error", () => {}).write("open");
  const echoed = await answer;
  stream.destroy();
  return { echoed, from: formatAddress(local.address) };
}

function watch({ port, index }: { readonly port: number; readonly index: number }): object {
  openPacketSocket({
    interfaceIndex: index,
    etherType: etherType.ipv6,
    filter: withoutFilter,
    onFrame: (bytes) => {
      const payload = decodeFrame(bytes)?.payload;
      if (payload === undefined || payload[6] !== 6) return;
      const view = new DataView(payload.buffer, payload.byteOffset);
      if (view.getUint16(42) === port) print({ hops: payload[7], trafficClass: (view.getUint16(0) >> 4) & 0xff });
    },
  });
  return { watching: port };
}

async function obey(command: Command): Promise<object> {
  if ("listen" in command) return listen(command.listen);
  if ("connect" in command) return connect(command.connect);
  return watch(command.watch);
}

const capabilities = /^CapEff:\t(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const pending: Promise<unknown>[] = [];
const input = createInterface(process.stdin);
input.on("line", (line) => {
  const answer = obey(JSON.parse(line) as Command);
  pending.push(answer.then(print, (error: Error) => print({ failed: error.message })));
});
input.on("close", () => {
  Promise.all(pending).then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
print({ ready: true, capabilities });
