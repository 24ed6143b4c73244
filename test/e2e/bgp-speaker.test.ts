/** The speaker's BGP and BFD with BIRD 2 as the router: node `a` runs without any capability, BIRD runs in `b`. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, afterEach, before, describe, it } from "node:test";
import type { BgpSessionReport } from "../../src/speaker/bgp-messages.ts";
import { eventually } from "../support/eventually.ts";
import { type Bird, startBird } from "./bgp-speaker-bird.ts";
import { createWorld, type Program, type World } from "./speaker-world.ts";

let world: World;
let stateDir: string;
const programs: Program[] = [];
const birds: Bird[] = [];

before(async () => {
  world = await createWorld(["a", "b"]);
  stateDir = await mkdtemp(`${tmpdir()}/herald-bgp-`);
});

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill();
  for (const bird of birds.splice(0)) await bird.stop();
});

after(async () => {
  world?.stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function bird(protocol: string, more?: string): Promise<Bird> {
  const started = await startBird(world.host("b"), protocol, more);
  birds.push(started);
  return started;
}

async function speaker(port = 0): Promise<Program> {
  const program = world.host("a").start("bgp-speaker-node.ts", stateDir, String(port));
  programs.push(program);
  const ready = await eventually("the speaker is ready", () => program.lines[0]);
  assert.deepEqual(ready, { kind: "ready", capabilities: "0".repeat(16) });
  return program;
}

const settings = {
  localAsn: 64500,
  peerAsn: 64501,
  routerId: "10.9.0.1",
  holdTimeSeconds: 30,
  keepaliveSeconds: 10,
  connectRetrySeconds: 2,
  passive: false,
  families: [4, 6],
  gracefulRestart: { restartTimeSeconds: 120 },
  required: [],
};
const transport = { peer: "10.9.0.2", port: 179 };
const peer = { kind: "bgpPeer", name: "tor", settings, transport };
const passiveBird = "local 10.9.0.2 as 64501; neighbor 10.9.0.1 as 64500; passive on;";

const plain = { prepend: 0, communities: [], largeCommunities: [] };
const rich = { prepend: 2, communities: [64500 * 65536 + 7, 0xffff0000], largeCommunities: [[64500, 1, 2]], med: 50 };
const route = (address: string, attributes: object = plain): object => ({
  prefix: { address, length: address.includes(":") ? 128 : 32 },
  attributes,
});
const routes = (...each: readonly object[]): object => ({ kind: "bgpRoutes", name: "tor", routes: each });

const reports = (program: Program): readonly BgpSessionReport[] =>
  program.lines.filter((line) => (line as { kind: string }).kind === "bgpSession") as BgpSessionReport[];

function reported(
  program: Program,
  what: string,
  is: (report: BgpSessionReport) => boolean,
): Promise<BgpSessionReport> {
  return eventually(`a report: ${what}`, () => reports(program).slice(-1).find(is));
}

const isUp = ({ state }: BgpSessionReport): boolean => state === "Established";
const holds = (router: Bird, ...prefixes: readonly string[]): Promise<true> =>
  eventually(`BIRD has ${prefixes.join(", ")} alone`, async () => {
    const known = Object.keys(await router.routes()).sort();
    return known.join() === [...prefixes].sort().join() ? true : undefined;
  });

describe("routes", () => {
  it("Given routes of both families, Then BIRD has them with exactly their attributes, and drops what is withdrawn", async () => {
    const router = await bird(passiveBird);
    const node = await speaker();
    node.say(routes(route("198.51.100.7", rich), route("2001:db8::7")));
    node.say(peer);
    await holds(router, "198.51.100.7/32", "2001:db8::7/128");
    const known = await router.routes();
    assert.deepEqual(known["198.51.100.7/32"]?.attributes, {
      origin: "IGP",
      as_path: "64500 64500 64500",
      next_hop: "10.9.0.1",
      med: "50",
      local_pref: "100",
      community: "(64500,7) (65535,0)",
      large_community: "(64500, 1, 2)",
    });
    assert.deepEqual(known["2001:db8::7/128"]?.attributes, {
      origin: "IGP",
      as_path: "64500",
      next_hop: "fd09::1",
      local_pref: "100",
    });
    const up = await reported(node, "both are announced", (report) => isUp(report) && report.announced === 2);
    assert.deepEqual(
      [up.established?.peerRouterId, up.established?.families, up.established?.gracefulRestart, up.lastError],
      ["10.9.0.2", [4, 6], true, undefined],
    );
    node.say(routes(route("2001:db8::7")));
    await holds(router, "2001:db8::7/128");
  });

  it("Given a drain, Then BIRD drops the routes although it restarts gracefully, and is told why; a new wish begins again", async () => {
    const router = await bird(`${passiveBird} graceful restart on;`);
    const node = await speaker();
    node.say(routes(route("198.51.100.7")));
    node.say(peer);
    await holds(router, "198.51.100.7/32");
    node.say({ kind: "bgpDrain", text: "kernel update" });
    await holds(router);
    assert.match(await router.ask("show protocols all herald"), /kernel update|Hard reset|Administrative shutdown/i);
    const drained = await reported(node, "it is stopped", ({ state }) => state === "Idle");
    assert.deepEqual([drained.reason, drained.announced, drained.lastError], ["stopped", 0, undefined]);
    assert.match(drained.lastNotification?.text ?? "", /kernel update/);
    node.say(peer);
    await holds(router, "198.51.100.7/32");
  });

  it("Given graceful restart, When the speaker ends and another begins, Then no route changes at BIRD; what is no longer wished for goes", async () => {
    const router = await bird(`${passiveBird} graceful restart on;`);
    const first = await speaker();
    first.say(routes(route("198.51.100.7"), route("198.51.100.8")));
    first.say(peer);
    await holds(router, "198.51.100.7/32", "198.51.100.8/32");
    const changedMs = async (): Promise<number> => (await router.routes())["198.51.100.7/32"]?.sinceMs ?? Number.NaN;
    const sinceMs = await changedMs();
    assert.equal(await first.end(), 0);
    const second = await speaker();
    assert.ok(Math.abs((await changedMs()) - sinceMs) <= 2, "the route stands as it did");
    second.say(routes(route("198.51.100.7")));
    second.say(peer);
    await holds(router, "198.51.100.7/32");
    await reported(second, "it is up", isUp);
    assert.ok(Math.abs((await changedMs()) - sinceMs) <= 2, "the route stands as it did");
  });

  it("Given a peer without graceful restart, When the speaker ends, Then it is told, and drops the routes", async () => {
    const router = await bird(`${passiveBird} graceful restart off; hold time 240;`);
    const node = await speaker();
    const { gracefulRestart: _, ...without } = settings;
    node.say(routes(route("198.51.100.7")));
    node.say({ ...peer, settings: without });
    await holds(router, "198.51.100.7/32");
    assert.equal(await node.end(), 0);
    await holds(router);
    assert.match(await router.ask("show protocols all herald"), /Administrative shutdown/i);
  });
});

describe("sessions", () => {
  it("Given another password, Then the report says that a wrong one looks so; When it is corrected, Then the session comes up", async () => {
    const router = await bird(`${passiveBird} password "right";`);
    const node = await speaker();
    const withPassword = (password: string): object => ({ ...peer, transport: { ...transport, password } });
    node.say(withPassword("wrong"));
    const down = await reported(node, "no answer", ({ lastError }) => lastError !== undefined);
    assert.equal(down.lastError, "connect to 10.9.0.2 port 179: no answer for 5 s; a wrong password looks like this");
    node.say(withPassword("right"));
    node.say(routes(route("198.51.100.7")));
    await holds(router, "198.51.100.7/32");
    assert.equal((await reported(node, "it is up", isUp)).lastError, undefined);
  });

  it("Given another AS number at the peer, Then the report says so in words", async () => {
    await bird("local 10.9.0.2 as 64999; neighbor 10.9.0.1 as 64500; passive on;");
    const node = await speaker();
    node.say(peer);
    const down = await reported(node, "refused", ({ lastError }) => lastError !== undefined);
    assert.match(down.lastError ?? "", /^NOTIFICATION sent: .*64999/);
  });

  it("Given a passive session, When BIRD connects to the port for peers, Then it is up; without the right to listen the report says so", async () => {
    const router = await bird("local 10.9.0.2 as 64501; neighbor 10.9.0.1 port 20179 as 64500; ttl security on;");
    const passive = { ...peer, settings: { ...settings, passive: true }, transport: { ...transport, ttlSecurity: 1 } };
    const refused = await speaker(179);
    refused.say(passive);
    const down = await reported(refused, "may not listen", ({ lastError }) => lastError !== undefined);
    assert.equal(
      down.lastError,
      "listen on 0.0.0.0 port 179: permission denied (EACCES): it needs CAP_NET_BIND_SERVICE",
    );
    refused.kill();
    const node = await speaker(20179);
    node.say(passive);
    node.say(routes(route("198.51.100.7")));
    await holds(router, "198.51.100.7/32");
  });

  it("Given link-local addresses, Then a named interface is enough, and next hops are as RFC 2545 wants them", async () => {
    await world.host("a").run("ip -6 address replace fe80::a/64 dev eth0 nodad");
    await world.host("b").run("ip -6 address replace fe80::b/64 dev eth0 nodad");
    const router = await bird('local fe80::b as 64501; neighbor fe80::a as 64500; interface "eth0"; passive on;');
    const node = await speaker();
    node.say(routes(route("198.51.100.7"), route("2001:db8::7")));
    node.say({ ...peer, transport: { peer: "fe80::b", source: "fe80::a", port: 179, device: "eth0" } });
    await holds(router, "198.51.100.7/32", "2001:db8::7/128");
    const known = await router.routes();
    assert.deepEqual(
      ["198.51.100.7/32", "2001:db8::7/128"].map((prefix) => known[prefix]?.attributes.next_hop),
      ["10.9.0.1", "fd09::1 fe80::a"],
    );
  });

  it("Given an unnumbered peer, Then the report names the capability that it takes", async () => {
    const node = await speaker();
    node.say({ ...peer, transport: { interface: "eth0", port: 179 } });
    const down = await reported(node, "refused", ({ lastError }) => lastError !== undefined);
    assert.match(down.lastError ?? "", /^unnumbered: listen for routers on eth0: .*EPERM.*: it needs CAP_NET_RAW$/);
  });
});

const bfdProtocol =
  'protocol bfd { interface "eth0" { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; }; }';
const bfd = { transmitMs: 100, receiveMs: 100, multiplier: 3, multihop: false };

it("Given BFD beside graceful restart, When the speaker ends and another begins, Then no route changes at BIRD", async () => {
  const router = await bird(`${passiveBird} graceful restart on; bfd graceful;`, bfdProtocol);
  const first = await speaker();
  first.say(routes(route("198.51.100.7")));
  first.say({ ...peer, bfd });
  await holds(router, "198.51.100.7/32");
  await reported(first, "BFD is up", (report) => report.bfd?.state === "Up");
  const changedMs = async (): Promise<number> => (await router.routes())["198.51.100.7/32"]?.sinceMs ?? Number.NaN;
  const sinceMs = await changedMs();
  assert.equal(await first.end(), 0);
  const second = await speaker();
  second.say(routes(route("198.51.100.7")));
  second.say({ ...peer, bfd });
  await reported(second, "BFD is up", (report) => isUp(report) && report.bfd?.state === "Up");
  await holds(router, "198.51.100.7/32");
  assert.ok(Math.abs((await changedMs()) - sinceMs) <= 2, "the route stands as it did");
});

it("Given BFD, When the link is cut, Then both ends know long before the hold time; When it is back, Then the route is back", async () => {
  const router = await bird(`${passiveBird} bfd on;`, bfdProtocol);
  const node = await speaker();
  node.say(routes(route("198.51.100.7")));
  node.say({ ...peer, bfd });
  await holds(router, "198.51.100.7/32");
  await reported(node, "BFD is up", (report) => report.bfd?.state === "Up");
  await world.bridge.run("ip link set port-a down");
  const before = performance.now();
  const down = await reported(node, "the path is down", (report) => !isUp(report));
  await holds(router);
  assert.ok(performance.now() - before < 20_000, "by BFD, not by the hold time of 30 s");
  assert.match(down.lastError ?? "", /BFD/);
  await world.bridge.run("ip link set port-a up");
  await holds(router, "198.51.100.7/32");
  await reported(node, "BFD is up", (report) => report.bfd?.state === "Up");
});

it("Given a peer several hops away with BFD, Then both are up", async () => {
  const multihop = "protocol bfd bfd1 { multihop { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; }; }";
  const router = await bird(`${passiveBird} multihop 2; bfd on;`, multihop);
  const node = await speaker();
  node.say(routes(route("198.51.100.7")));
  node.say({ ...peer, transport: { ...transport, hops: 2 }, bfd: { ...bfd, multihop: true } });
  await reported(node, "BFD is up", (report) => isUp(report) && report.bfd?.state === "Up");
  await holds(router, "198.51.100.7/32");
});
