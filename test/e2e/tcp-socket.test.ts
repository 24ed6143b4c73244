/** TCP between hosts: over links, over a router, without rights. What needs one host is in test/unit/linux/tcp-socket.test.ts. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { createWorld, type Program, type World } from "./speaker-world.ts";

/** A program in a host; `ask` gives its answer to a command. */
type Node = { readonly program: Program; ask(command: object): Promise<Record<string, unknown>> };

let world: World;
const programs: Program[] = [];
const linkLocal: Record<string, string> = {};

const port = 20_179;
const soon = { hops: 255, withinMs: 60_000 };
/** A connection between hosts stands in a hundredth of it. */
const briefly = { hops: 255, withinMs: 400 };

before(async () => {
  world = await createWorld(["a", "b", "r"]);
  for (const name of ["a", "b"])
    linkLocal[name] = await eventually(`${name} has a link-local address`, () => linkLocalOf(name));
});

/** The kernel gives it a while after the link is up; undefined before, and while it is tentative. */
async function linkLocalOf(name: string): Promise<string | undefined> {
  const printed = await world.host(name).run("ip -j -6 address show dev eth0 scope link -tentative");
  const links = JSON.parse(printed) as { addr_info?: { local?: string }[] }[];
  // Addresses that do not match are printed as empty objects.
  return links.flatMap(({ addr_info = [] }) => addr_info.flatMap(({ local }) => local ?? []))[0];
}

afterEach(() => {
  for (const program of programs.splice(0)) program.kill();
});

after(() => world?.stop());

async function start(host: string): Promise<Node> {
  const program = world.host(host).start("tcp-node.ts");
  programs.push(program);
  await eventually(`${host} is ready`, () => program.lines[0]);
  const isAnswer = (line: unknown): boolean =>
    ["listening", "echoed", "failed", "watching"].some((key) => key in (line as object));
  return {
    program,
    ask: async (command) => {
      const { length } = program.lines.filter(isAnswer);
      program.say(command);
      return eventually(`${host} answers`, () => program.lines.filter(isAnswer)[length]) as Promise<
        Record<string, unknown>
      >;
    },
  };
}

const said = (node: Node, key: string): readonly Record<string, unknown>[] =>
  node.program.lines.filter((line) => key in (line as object)) as Record<string, unknown>[];

describe("one link", () => {
  it("Given link-local addresses, a password and GTSM, Then they connect by the named interface", async () => {
    const [a, b] = [await start("a"), await start("b")];
    const [from = "", to = ""] = [linkLocal.a, linkLocal.b];
    const settings = { hops: 255, leastHops: 255, device: "eth0" };
    await b.ask({ listen: { ...settings, local: "::", port, peers: [{ address: from, password: "s3cret" }] } });
    const connect = { ...soon, ...settings, peer: to, port, password: "s3cret" };
    assert.deepEqual(await a.ask({ connect }), { echoed: "open", from });
    assert.deepEqual(await a.ask({ connect: { ...connect, source: from } }), { echoed: "open", from });
    assert.deepEqual(said(b, "accepted"), [{ accepted: from }, { accepted: from }]);
    const { failed } = await a.ask({ connect: { ...connect, ...briefly, password: "other" } });
    assert.equal(failed, `connect to ${to} port ${port}: given up`);
  });

  it("Given a link-local peer without its interface, Then the error says with whom and what", async () => {
    const a = await start("a");
    const { failed } = await a.ask({ connect: { ...soon, peer: linkLocal.b, port } });
    assert.equal(failed, `connect to ${linkLocal.b} port ${port}: a link-local address needs its interface`);
  });

  it("Given a peer, Then the first segment already has the TTL that was asked for, and network control's class", async () => {
    const [a, b] = [await start("a"), await start("b")];
    const index = Number(await world.host("b").run("ip -o link show dev eth0 | cut -d: -f1"));
    await b.ask({ watch: { port, index } });
    await b.ask({ listen: { hops: 255, local: "fd09::2", port, peers: [{ address: "fd09::1" }] } });
    assert.equal((await a.ask({ connect: { ...soon, hops: 37, peer: "fd09::2", port } })).echoed, "open");
    const seen = await eventually("packets are seen", () => (said(b, "hops").length > 2 ? said(b, "hops") : undefined));
    for (const each of seen) assert.deepEqual(each, { hops: 37, trafficClass: 0xc0 });
  });

  it("Given nobody at the address, Then the error says so", async () => {
    const a = await start("a");
    const { failed } = await a.ask({ connect: { ...soon, peer: "10.9.0.77", port } });
    assert.equal(failed, `connect to 10.9.0.77 port ${port}: host is unreachable (EHOSTUNREACH)`);
  });
});

it("Given a process without any capability, Then it connects, signs, binds to a device and listens, and strangers are reset; a port below 1024 it may not have", async () => {
  const address = "::1";
  const settings = { hops: 255, leastHops: 255, device: "lo" };
  const commands = [
    { listen: { ...settings, local: address, port: 179, peers: [] } },
    { listen: { ...settings, local: address, port, peers: [{ address, password: "s3cret" }] } },
    { connect: { ...soon, ...settings, peer: address, port, source: address, password: "s3cret" } },
    { listen: { ...settings, local: address, port: port + 1, peers: [] } },
    { connect: { ...soon, ...settings, peer: address, port: port + 1 } },
  ];
  const node = `${process.execPath} ${import.meta.dirname}/tcp-node.ts`;
  const input = commands.map((command) => `'${JSON.stringify(command)}'`).join(" ");
  const withoutRights = "setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all";
  const printed = await world.host("a").run(`printf '%s\\n' ${input} | ${withoutRights} ${node}`);
  // The reset comes before or after the connection was seen to stand.
  const reset = `connect to ${address} port ${port + 1}: connection reset by peer (ECONNRESET)`;
  const lines = printed
    .replace(reset, "closed without an answer")
    .trim()
    .split("\n")
    .map((line): unknown => JSON.parse(line));
  const wanted = [
    { ready: true, capabilities: "0".repeat(16) },
    { failed: `listen on ${address} port 179: permission denied (EACCES): it needs CAP_NET_BIND_SERVICE` },
    { listening: port },
    { accepted: address },
    { echoed: "open", from: address },
    { listening: port + 1 },
    { failed: "closed without an answer" },
  ];
  assert.deepEqual(
    new Set(lines.map((line) => JSON.stringify(line))),
    new Set(wanted.map((line) => JSON.stringify(line))),
  );
});

describe("a router in between", () => {
  before(async () => {
    await world
      .host("r")
      .run("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0");
    await world.host("a").run("ip address add 10.8.1.1/32 dev lo; ip route add 10.8.2.1/32 via 10.9.0.3 src 10.8.1.1");
    await world.host("b").run("ip address add 10.8.2.1/32 dev lo; ip route add 10.8.1.1/32 via 10.9.0.3 src 10.8.2.1");
    await world.host("r").run("ip route add 10.8.1.1/32 via 10.9.0.1; ip route add 10.8.2.1/32 via 10.9.0.2");
  });

  const listenTo = (leastHops: number): object => ({
    listen: { hops: 255, leastHops, local: "10.8.2.1", port, peers: [{ address: "10.8.1.1" }] },
  });
  const connect = { peer: "10.8.2.1", port, source: "10.8.1.1" };

  it("Given least hops of 254, Then they connect; Given 255, Then nothing comes through", async () => {
    const [a, b] = [await start("a"), await start("b")];
    await b.ask(listenTo(254));
    assert.deepEqual(await a.ask({ connect: { ...soon, ...connect } }), { echoed: "open", from: "10.8.1.1" });
    b.program.kill();
    const strict = await start("b");
    await strict.ask(listenTo(255));
    const { failed } = await a.ask({ connect: { ...briefly, ...connect } });
    assert.equal(failed, `connect to 10.8.2.1 port ${port}: given up`);
    assert.deepEqual(said(strict, "accepted"), []);
  });

  it("Given a TTL of 1, Then the peer behind a router is not reached; Given 2, Then it is", async () => {
    const [a, b] = [await start("a"), await start("b")];
    await b.ask(listenTo(1));
    const { failed } = await a.ask({ connect: { ...briefly, ...connect, hops: 1 } });
    assert.match(
      String(failed),
      /^connect to 10\.8\.2\.1 port 20179: (given up|host is unreachable \(EHOSTUNREACH\))$/,
    );
    assert.equal((await a.ask({ connect: { ...soon, ...connect, hops: 2 } })).echoed, "open");
  });
});
