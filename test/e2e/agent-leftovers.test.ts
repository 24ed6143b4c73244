/** What an agent leaves on its node: nothing, however it ends, and what is not its own it never touches. */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type AgentLab, startAgentLab } from "../support/agent-lab.ts";
import { eventually } from "../support/eventually.ts";

let world: AgentLab;
const responder = ["192.168.50.210", "fd50::210"];
const onInterface = ["192.168.50.211", "fd50::211"];
const mode = { arp: { interfaces: [], mode: "Address", conflictCheck: "Off" } } as const;

before(async () => {
  world = await startAgentLab(1);
  await world.createNode("node1");
  await world.formGroup(["node1"]);
  await world.lab.exec("node1", ["ip", "address", "add", "192.168.50.77/32", "dev", "eth0"]);
});

after(() => world?.lab.stop());

type Link = {
  readonly ifname: string;
  readonly flags?: readonly string[];
  readonly addr_info?: readonly object[];
  readonly maddr?: readonly object[];
};

/** What `ip` tells of a node's interfaces, a line each, without what changes by itself, and labels, which a renaming leaves behind. */
async function linkLines(node: string, what: string): Promise<readonly string[]> {
  const links = JSON.parse((await world.lab.exec(node, ["sh", "-c", `ip -d -j ${what}`])).stdout) as readonly Link[];
  const passing = new Set(["valid_life_time", "preferred_life_time", "label"]);
  const lineOf = (name: string, entry: object): string =>
    `${name} ${JSON.stringify(Object.fromEntries(Object.entries(entry).filter(([key]) => !passing.has(key))))}`;
  return links.flatMap(({ ifname, flags, addr_info = [], maddr = [] }) => [
    `${ifname} ${flags?.join()}`,
    ...[...addr_info, ...maddr].map((entry) => lineOf(ifname, entry)),
  ]);
}

/** Addresses, group memberships, rules and settings of the node's network, in an order that means nothing. */
async function networkOf(node: string): Promise<readonly string[]> {
  const settings = [
    "ip rule; ip -6 rule",
    "nft list ruleset 2>/dev/null | grep -i herald || true",
    "sysctl -a 2>/dev/null | grep -E '^net.ipv[46].(conf|neigh).(all|default|eth0)[.]' | grep -v stable_secret",
  ];
  const lines = await Promise.all([
    linkLines(node, "addr"),
    linkLines(node, "maddr"),
    ...settings.map(async (each) => (await world.lab.exec(node, ["sh", "-c", each])).stdout.split("\n")),
  ]);
  return lines.flat().sort();
}

async function announceAll(): Promise<void> {
  for (const each of responder) await world.place(each, "node1");
  for (const each of onInterface) await world.place(each, "node1", { announcement: mode });
  for (const each of [...responder, ...onInterface]) await world.answered(each, ["node1"]);
}

async function releaseAll(): Promise<void> {
  for (const each of [...responder, ...onInterface]) await world.release(each);
}

/** Resolves once the node's network is as it was. */
async function asBefore(was: readonly string[]): Promise<void> {
  let differences: readonly string[] = [];
  await eventually(
    "the network is as before",
    async () => {
      const now = await networkOf("node1");
      const more = now.filter((line) => !was.includes(line)).map((line) => `+ ${line}`);
      differences = [...more, ...was.filter((line) => !now.includes(line)).map((line) => `- ${line}`)];
      return differences.length === 0 || undefined;
    },
    20_000,
  ).catch(() => assert.deepEqual(differences, []));
}

it("nothing is left after addresses were deleted while the killed agent was down", async () => {
  const was = await networkOf("node1");
  const killed = await world.startAgent("node1");
  await announceAll();
  await killed.stop("SIGKILL");
  await releaseAll();
  const next = await world.startAgent("node1");
  await next.logged("agent ready");
  assert.equal(await next.stop("SIGTERM"), 0);
  await asBefore(was);
});

it("nothing is left of what an agent that crashes over and over announced", async () => {
  const was = await networkOf("node1");
  for (let i = 0; i < 3; i++) {
    const agent = await world.startAgent("node1");
    if (i === 0) await announceAll();
    for (const each of onInterface) await world.answered(each, ["node1"]);
    await agent.stop("SIGKILL");
  }
  await releaseAll();
  await asBefore(was);
});

it("nothing is left on an interface that is renamed while it carries addresses", async () => {
  const was = await networkOf("node1");
  const agent = await world.startAgent("node1");
  await announceAll();
  const rename = (from: string, to: string): Promise<unknown> =>
    world.lab.exec("node1", [
      "sh",
      "-c",
      `ip link set ${from} down; ip link set ${from} name ${to}; ip link set ${to} up`,
    ]);
  await rename("eth0", "lan7");
  for (const each of responder.slice(0, 1)) await world.answered(each, ["node1"]);
  await releaseAll();
  await rename("lan7", "eth0");
  for (const each of ["192.168.50.11/24", "fd50::11/64"])
    await world.lab.exec("node1", ["ip", "address", "replace", each, "dev", "eth0", "nodad"]);
  assert.equal(await agent.stop("SIGTERM"), 0);
  await asBefore(was);
});
