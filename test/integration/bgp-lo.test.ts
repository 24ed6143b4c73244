/** Addresses on lo (`announcement.bgp.addressOnLo`) on a real kernel: node `a` runs the speaker, `b` is a station on its LAN. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { after, afterEach, before, it } from "node:test";
import { createWorld, type Program, type World } from "../e2e/speaker-world.ts";
import { eventually } from "../support/eventually.ts";

let world: World;
let stateDir: string;
const programs: Program[] = [];

before(async () => {
  world = await createWorld(["a", "b"]);
  stateDir = await mkdtemp(`${tmpdir()}/herald-lo-`);
});

afterEach(async () => {
  for (const program of programs.splice(0)) program.kill();
  await onLo();
});

after(async () => {
  world?.stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function speaker(...rights: readonly "bare"[]): Promise<Program> {
  const program = world.host("a").start("../integration/bgp-lo-node.ts", stateDir, ...rights);
  programs.push(program);
  await eventually("the speaker is ready", () => program.lines[0]);
  return program;
}

type Shown = { readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[] };

/** Resolves once these addresses and no others are on lo, besides its own. */
function onLo(...wanted: readonly string[]): Promise<true> {
  return eventually(`${wanted.join(", ") || "nothing"} on lo`, async () => {
    const [lo] = JSON.parse(await world.host("a").run("ip -j address show dev lo")) as readonly Shown[];
    const there = (lo?.addr_info ?? []).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
    const others = there.filter((each) => each !== "127.0.0.1/8" && each !== "::1/128").sort();
    return others.join() === [...wanted].sort().join() ? true : undefined;
  });
}

/** How a connection from `b` fails: somebody refuses it, or nobody is found. */
async function connection(address: string): Promise<string> {
  const printed = await world.host("b").run(`bash -c 'exec 3<>/dev/tcp/${address}/9' 2>&1 || true`);
  return /Connection refused|No route to host/.exec(printed)?.[0] ?? printed;
}

/** Whether somebody answers on the LAN when `b` asks there for the address: only then a connection is refused. */
async function answers(address: string): Promise<boolean> {
  const b = world.host("b");
  const [family, length] = address.includes(":") ? [6, 128] : [4, 32];
  await b.run(`ip -${family} route replace ${address}/${length} dev eth0`);
  await b.run(`ip -${family} neighbour flush dev eth0`);
  const failure = await connection(address);
  await b.run(`ip -${family} route delete ${address}/${length} dev eth0`);
  assert.match(failure, /refused|No route/);
  return failure === "Connection refused";
}

it("S102: Given an address on lo that anybody put there, Then the kernel answers for it on the LAN", async () => {
  await world.host("a").run("ip address add 10.9.0.199/32 dev lo");
  const isAnswered = await answers("10.9.0.199");
  await world.host("a").run("ip address del 10.9.0.199/32 dev lo");
  assert.ok(isAnswered);
});

it("S102: Given addressOnLo, Then the addresses are on lo and nobody answers for them on the LAN, and they go when they are to", async () => {
  const node = await speaker();
  node.say(["10.9.0.200", "203.0.113.7", "fd09::200"]);
  await onLo("10.9.0.200/32", "203.0.113.7/32", "fd09::200/128");
  assert.deepEqual(
    [await answers("10.9.0.200"), await answers("203.0.113.7"), await answers("fd09::200")],
    [false, false, false],
  );
  // The node itself is found as before.
  assert.deepEqual([await answers("10.9.0.1"), await answers("fd09::1")], [true, true]);
  await world.host("b").run("ip route replace 203.0.113.7/32 via 10.9.0.1");
  assert.equal(await connection("203.0.113.7"), "Connection refused", "a router that sends it there reaches it");
  node.say(["203.0.113.7"]);
  await onLo("203.0.113.7/32");
  node.say([]);
  await onLo();
});

it("Given somebody who makes the LAN hear of lo again, Then that is undone", async () => {
  const node = await speaker();
  node.say(["10.9.0.200"]);
  await onLo("10.9.0.200/32");
  await world.host("a").run("sysctl -qw net.ipv4.conf.eth0.arp_ignore=0");
  await eventually("nobody answers", async () => !(await answers("10.9.0.200")));
  assert.match(
    await world.host("a").run("sysctl -n net.ipv4.conf.eth0.arp_ignore net.ipv4.conf.eth0.arp_announce"),
    /^1\n2\n/,
  );
});

it("Given a speaker that is killed, Then what it left is gone 3 s later; its successor takes over what it still wants, and no more", async () => {
  const first = await speaker();
  first.say(["203.0.113.7", "203.0.113.8"]);
  await onLo("203.0.113.7/32", "203.0.113.8/32");
  first.kill();
  const second = await speaker();
  second.say(["203.0.113.8"]);
  await onLo("203.0.113.8/32");
  second.kill();
  await onLo();
});

it("Given an address that somebody else put on lo, Then it is left alone, also when it is no longer wanted", async () => {
  await world.host("a").run("ip address add 203.0.113.9/32 dev lo");
  const node = await speaker();
  node.say(["203.0.113.9", "203.0.113.7"]);
  await onLo("203.0.113.7/32", "203.0.113.9/32");
  node.say([]);
  await onLo("203.0.113.9/32");
  assert.deepEqual(node.lines, [{ kind: "ready" }]);
  await world.host("a").run("ip address del 203.0.113.9/32 dev lo");
});

it("Given no capability, Then it says that CAP_NET_ADMIN is needed, and nothing is on lo", async () => {
  await world.host("a").run("sysctl -qw net.ipv4.conf.eth0.arp_ignore=0");
  const node = await speaker("bare");
  node.say(["203.0.113.7", "2001:db8::7"]);
  const trouble = await eventually("a trouble", () => node.lines[1] as { about: string; message: string } | undefined);
  assert.equal(trouble.about, "lo");
  assert.match(trouble.message, /203\.0\.113\.7: set arp_ignore=1 .* on eth0: EPERM \(needs CAP_NET_ADMIN\)/);
  assert.match(trouble.message, /2001:db8::7: put address on the interface: EPERM \(needs CAP_NET_ADMIN\)/);
  await onLo();
});
