/** Heartbeats between hosts of one LAN: who is heard, who is not, and that the kernel keeps junk away. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { generateKeyPair, type KeyPair } from "../../src/protocols/heartbeat/keys.ts";
import type { HeartbeatCounters } from "../../src/speaker/heartbeats.ts";
import { eventually } from "../support/eventually.ts";
import { createWorld, type Program, setUp, type World } from "./speaker-world.ts";

type Peer = { readonly node: string; readonly address: string; readonly key: string };

type Member = Peer & {
  /** Tells it who its peers are. */
  meet(...peers: readonly Peer[]): void;
  /** Sends so many, one each so many ms (0: all at once); resolves once the last has left. */
  send(to: Peer, count: number, everyMs?: number): Promise<void>;
  /** Sends one by another socket; resolves once it has left. */
  sendSealed(sealed: { to: Peer; seq: number; ttl?: number; spoil?: number }): Promise<void>;
  /** The sequence numbers that it heard from a peer. */
  heard(from: Peer): readonly number[];
  counters(): Promise<HeartbeatCounters>;
};

let world: World;
const programs: Program[] = [];

before(async () => {
  world = await createWorld(["a", "b", "c"]);
});

afterEach(() => {
  for (const program of programs.splice(0)) program.kill();
});

after(() => world?.stop());

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

async function start(node: string, address: string, keys: KeyPair = generateKeyPair()): Promise<Member> {
  const program = world.host(node).start("heartbeat-node.ts", JSON.stringify({ node, address, keys }));
  programs.push(program);
  const said = (key: string): readonly Record<string, unknown>[] =>
    program.lines.filter((line) => key in (line as object)) as Record<string, unknown>[];
  const next = (key: string, before = said(key).length): Promise<Record<string, unknown>> =>
    eventually(`${node} says ${key}`, () => said(key)[before]);
  await next("ready", 0);
  return {
    node,
    address,
    key: keys.publicKey,
    meet: (...peers) => program.say({ peers }),
    send: async (to, count, everyMs = 0) => {
      program.say({ send: to.node, count, everyMs });
      await next("sentAll");
    },
    sendSealed: async (sealed) => {
      program.say({ seal: sealed });
      await next("sealed");
    },
    heard: (from) => said("heard").flatMap(({ heard, seq }) => (heard === from.node ? [Number(seq)] : [])),
    counters: async () => {
      program.say({ count: true });
      return (await next("counters")).counters as HeartbeatCounters;
    },
  };
}

const peerOf = ({ node, address, key }: Peer): Peer => ({ node, address, key });

/** Two members that know each other; the second has said so. */
async function couple(one: string, other: string): Promise<readonly [Member, Member]> {
  const members = [await start("a", one), await start("b", other)] as const;
  const [a, b] = members;
  a.meet(peerOf(b));
  b.meet(peerOf(a));
  await b.counters();
  return members;
}

async function arrived(at: Member, from: Peer, seq: number): Promise<void> {
  await eventually(`${at.node} hears ${seq} from ${from.node}`, () => at.heard(from).includes(seq));
}

const lans = { IPv4: ["10.9.0.1", "10.9.0.2", "10.9.0.3"], IPv6: ["fd09::1", "fd09::2", "fd09::3"] } as const;

for (const [family, [first, second, third]] of Object.entries(lans))
  describe(family, () => {
    it("Given two members that know each other's keys, Then each hears what the other sends, in order", async () => {
      const [a, b] = await couple(first, second);
      await Promise.all([a.send(b, 200), b.send(a, 200)]);
      await Promise.all([arrived(a, b, 200), arrived(b, a, 200)]);
      assert.deepEqual(a.heard(b), numbers(200));
      assert.deepEqual(b.heard(a), numbers(200));
      const { sent, received, sendFailures, forged } = await a.counters();
      assert.deepEqual(
        { sent, received, sendFailures, forged },
        { sent: 200, received: 200, sendFailures: 0, forged: 0 },
      );
    });

    it("Given one that a router forwarded (TTL 254), Then it is dropped before anybody reads it", async () => {
      const [a, b] = await couple(first, second);
      await a.sendSealed({ to: peerOf(b), seq: 1, ttl: 254 });
      await a.sendSealed({ to: peerOf(b), seq: 2, ttl: 255 });
      await arrived(b, a, 2);
      assert.deepEqual(b.heard(a), [2]);
      assert.equal((await b.counters()).forged, 0);
    });

    it("Given a spoiled code, Then it is counted as forged; Given a spoiled tag, Then the kernel drops it", async () => {
      const [a, b] = await couple(first, second);
      await a.sendSealed({ to: peerOf(b), seq: 1, spoil: -1 });
      await a.sendSealed({ to: peerOf(b), seq: 2, spoil: 0 });
      await a.sendSealed({ to: peerOf(b), seq: 3, spoil: 20 });
      await a.sendSealed({ to: peerOf(b), seq: 4 });
      await arrived(b, a, 4);
      assert.deepEqual(b.heard(a), [4]);
      assert.equal((await b.counters()).forged, 2);
    });

    it("Given a station that knows everything but a member's private key, Then it is not heard", async () => {
      const [a, b] = await couple(first, second);
      const stranger = await start("c", third);
      stranger.meet(peerOf(b));
      await stranger.send(b, 3);
      await a.send(b, 1);
      await arrived(b, a, 1);
      assert.deepEqual(b.heard(stranger), []);
      const { received, forged } = await b.counters();
      assert.deepEqual({ received, forged }, { received: 1, forged: 0 });
    });

    it("Given a peer that comes back with another key and another address, When the member is told, Then they hear each other again", async () => {
      const [a, b] = await couple(first, second);
      const returned = { ...(await start("c", third)), node: "c" };
      returned.meet(peerOf(a));
      a.meet({ ...peerOf(returned), key: b.key });
      await a.counters();
      await returned.send(a, 1);
      a.meet({ ...peerOf(returned), address: second });
      await a.counters();
      await returned.send(a, 2);
      a.meet(peerOf(returned));
      await a.counters();
      await returned.send(a, 3);
      await arrived(a, returned, 3);
      await a.send(returned, 1);
      await arrived(returned, a, 1);
      assert.deepEqual(a.heard(returned), [1, 2, 3]);
    });

    it("Given an interface that goes down and comes back, Then what is sent meanwhile is lost and the sockets serve on", async () => {
      const [a, b] = await couple(first, second);
      await world.host("a").run("ip link set eth0 down");
      await a.send(b, 5);
      assert.equal((await a.counters()).sendFailures, 5);
      await setUp(world.host("a"), 1);
      await eventually("a is heard again", async () => {
        await a.send(b, 1);
        return b.heard(a).length > 0;
      });
    });

    it("Given a flood of junk from a stranger and in a peer's name, Then every heartbeat arrives and none of the junk is read", async (test) => {
      const [a, b] = await couple(first, second);
      const [link] = JSON.parse(await world.host("b").run("ip -j link show eth0")) as { address: string }[];
      const flood = async (from: string): Promise<void> => {
        const text = JSON.stringify({ from, to: second, mac: link?.address, count: 200_000 });
        const program = world.host("c").start("heartbeat-flood.ts", text);
        programs.push(program);
        const over = await eventually(`the flood from ${from} is over`, () => program.lines[0]);
        test.diagnostic(`in the name of ${from}: ${JSON.stringify(over)}`);
      };
      await Promise.all([flood(third), flood(first), a.send(b, 800, 5)]);
      await arrived(b, a, 800);
      assert.deepEqual(b.heard(a), numbers(800));
      const { received, forged, malformed } = await b.counters();
      assert.deepEqual({ received, forged, malformed }, { received: 800, forged: 0, malformed: 0 });
      assert.ok((await droppedByFilter("b")) > 200_000, "the flood did not reach the socket");
    });
  });

/** What the kernel counts as dropped at the UDP sockets of a host's port 7474. */
async function droppedByFilter(host: string): Promise<number> {
  const rows = (await world.host(host).run("cat /proc/net/udp /proc/net/udp6")).split("\n");
  const own = rows.map((row) => row.trim().split(/\s+/)).filter(([, local]) => local?.endsWith(":1D32"));
  return own.reduce((sum, fields) => sum + Number(fields.at(-1)), 0);
}
