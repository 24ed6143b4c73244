import assert from "node:assert/strict";
import { it } from "node:test";
import type { Heartbeat } from "../../../src/announce/votes/heartbeat.ts";
import { type Address, formatAddress } from "../../../src/net/address.ts";
import type { LinkOptions } from "../../../src/speaker/group-ports.ts";
import { Groups } from "../../../src/speaker/groups.ts";
import type { AnnounceCommand, GroupCommand, SpeakerReport } from "../../../src/speaker/messages.ts";
import { address } from "../../support/builders.ts";

const vip = address("192.168.50.200");
const router = address("192.168.50.1");
const place = { interface: "eth0", address: address("192.168.50.11") };
const peers = ["node2", "node3"].map((node, i) => ({
  node,
  address: address(`192.168.50.${12 + i}`),
  port: 7474,
  key: "",
  macs: [Uint8Array.of(2, 0, 0, 0, 0, 2 + i)],
}));

function group(members: readonly string[], changes: Partial<GroupCommand> = {}): GroupCommand {
  const list = { epoch: 1, members, witness: false, forced: false };
  const known = peers.filter(({ node }) => members.includes(node));
  return { kind: "group", name: "lan", uid: "1", list, byLease: false, place, peers: known, ...changes };
}

function announce(changes: Partial<AnnounceCommand> = {}): AnnounceCommand {
  const target = { interface: "eth0", mode: "Responder", probe: false } as const;
  const wish = { group: "lan", node: "node1", generation: 1, willing: true, target } as const;
  return { kind: "announce", address: vip, ...wish, ...changes };
}

/** A node1 whose network, clock and disk are set by hand, and a protocol of what it does. */
class Node {
  nowMs = 0;
  readonly log: string[] = [];
  readonly disk: Map<string, unknown>;
  links: LinkOptions[] = [];
  linkFails = false;
  router: Address | "none" | "down" = "none";
  readonly groups: Groups;

  constructor(disk = new Map<string, unknown>(), boot = 1n) {
    this.disk = disk;
    this.groups = new Groups({
      settings: { node: "node1", intervalMs: 100, port: 7474, withoutQuorum: "Keep", leaseDurationMs: 30_000 },
      newBoot: () => boot,
      state: {
        read: (name) => disk.get(name),
        write: (name, value) => {
          disk.set(name, JSON.parse(JSON.stringify(value)));
          this.log.push("store");
        },
        remove: (name) => void disk.delete(name),
      },
      openLink: (options) => {
        if (this.linkFails) throw new Error("ENODEV");
        this.links.push(options);
        return {
          setPeers: () => {},
          send: (to) => void this.log.push(`send ${to}`),
          close: () => void this.log.push("close"),
        };
      },
      gateway: { of: () => this.router, ask: () => void this.log.push("ask router") },
      now: () => this.nowMs,
      wake: () => {},
      report: (report) => void this.log.push(described(report)),
      holdings: {
        begin: (which, { cause }) => void this.log.push(`begin ${formatAddress(which)}: ${cause}`),
        end: (which, { cause }) => void this.log.push(`end ${formatAddress(which)}: ${cause}`),
        quorum: (_, has) => void this.log.push(`quorum ${has}`),
        memberBack: () => {},
      },
    });
  }

  /** Lets the time pass, with all turns that are due. */
  until(ms: number): this {
    this.groups.turn(this.nowMs);
    let turns = 0;
    for (let wake = this.groups.wakeAtMs(); wake <= ms && this.nowMs < ms; wake = this.groups.wakeAtMs()) {
      assert.ok(turns++ < 100 + ms / 5, `${turns} turns until ${this.nowMs} ms: next at ${wake} ms`);
      this.nowMs = Math.max(this.nowMs + 1, Math.ceil(wake));
      this.groups.turn(this.nowMs);
    }
    this.nowMs = ms;
    this.groups.turn(ms);
    return this;
  }

  tell(command: Parameters<Groups["apply"]>[0]): this {
    this.groups.apply(command, this.nowMs);
    return this;
  }

  /** What was done since the last call, of these kinds. */
  done(pattern: RegExp): readonly string[] {
    return this.log.splice(0).filter((line) => pattern.test(line));
  }
}

function described(report: SpeakerReport): string {
  return report.kind === "trouble" ? `trouble: ${report.message}` : `report ${report.kind}`;
}

/** A node that is alone in its group and holds the address. */
function alone(disk?: Map<string, unknown>, changes: Partial<GroupCommand> = {}, boot?: bigint): Node {
  const node = new Node(disk, boot).tell(group(["node1"], changes));
  node.groups.announce(announce());
  return node.tell({ kind: "wished", group: "lan" });
}

const heartbeat: Heartbeat = {
  boot: 9n,
  seq: 1,
  ack: { boot: 0n, seq: 0 },
  epoch: 1,
  quorum: false,
  leaving: false,
  answerMe: false,
  witness: false,
  forced: false,
  intervalMs: 100,
  table: { version: 0, from: 0, upTo: 0, known: 0, entries: [] },
};

it("who is alone holds what it is willing to, without a link", () => {
  const node = alone().until(2_000);
  assert.deepEqual(node.done(/begin|end/), ["begin 192.168.50.200: Free"]);
  assert.deepEqual([node.links.length, node.groups.answersUntilMs("lan", vip) > node.nowMs], [0, true]);
});

it("stores what it votes before it sends or answers, and nothing at rest", () => {
  const node = new Node().tell(group(["node1", "node2", "node3"]));
  node.groups.announce(announce());
  node.tell({ kind: "wished", group: "lan" }).until(2_000);
  const done = node.done(/store|send/);
  assert.ok(done.indexOf("store") < done.indexOf("send node2"));
  assert.ok(done.includes("send node3"));
  assert.deepEqual(node.until(4_000).done(/store/), []);
});

it("goes on after a restart with what it held, before anybody tells it so", () => {
  const disk = new Map<string, unknown>();
  alone(disk).until(2_000);
  const next = new Node(disk, 2n).tell(group(["node1"])).until(100);
  assert.deepEqual(next.done(/begin/), ["begin 192.168.50.200: Restart"]);
});

it("forgets what it voted in another group of the same name, and in one that is gone", () => {
  const disk = new Map<string, unknown>();
  alone(disk).until(2_000);
  const other = new Node(disk, 2n).tell(group(["node1"], { uid: "2" })).until(400);
  assert.deepEqual(other.done(/begin/), []);
  const gone = alone().until(2_000);
  gone.done(/./);
  gone.tell({ kind: "groupGone", name: "lan" });
  assert.deepEqual([gone.done(/end/), gone.disk.size], [["end 192.168.50.200: group"], 0]);
  assert.equal(gone.groups.answersUntilMs("lan", vip), Number.NEGATIVE_INFINITY);
});

it("a group by Lease holds from a renewal until four fifths of its duration after its begin, and again after the next", () => {
  const node = alone(undefined, { byLease: true }).until(1_000);
  assert.deepEqual(node.done(/begin|end/), []);
  node.tell({ kind: "leaseRenewed", atMachineMs: 500 }).until(25_000);
  assert.deepEqual(node.done(/begin|end/), ["begin 192.168.50.200: lease", "end 192.168.50.200: lease"]);
  assert.equal(node.groups.answersUntilMs("lan", vip), 24_500);
  node.tell({ kind: "leaseRenewed", atMachineMs: 25_000 }).until(26_000);
  assert.deepEqual(node.done(/begin|end/), ["begin 192.168.50.200: lease"]);
});

it("an address moves to another group only by its word, and belongs to one at a time", () => {
  const node = alone().until(2_000);
  node.tell(group(["node1"], { name: "other", uid: "3" })).until(2_500);
  node.groups.announce(announce({ group: "other" }));
  node.tell({ kind: "wished", group: "other" }).until(8_000);
  assert.deepEqual(
    node
      .done(/begin|end/)
      .slice(1)
      .sort(),
    ["begin 192.168.50.200: Free", "end 192.168.50.200: Withdrawn"],
  );
});

it("opens its link where the group is, again when the interface is another, and tells once why it cannot", () => {
  const node = new Node();
  node.linkFails = true;
  node.tell(group(["node1", "node2"]));
  node.groups.reconnect(new Set());
  assert.deepEqual(node.done(/trouble/), ["trouble: open heartbeats: ENODEV"]);
  node.linkFails = false;
  node.groups.reconnect(new Set());
  node.groups.reconnect(new Set(["eth1"]));
  assert.equal(node.links.length, 1);
  node.groups.reconnect(new Set(["eth0"]));
  assert.deepEqual([node.links.length, node.done(/close/)], [2, ["close"]]);
  node.tell(group(["node2", "node3"]));
  assert.deepEqual(node.done(/close/), ["close"]);
});

it("Rule 21: is reached by who left its list, also when it is alone in it, but not by a group of one by Lease", () => {
  const node = alone(undefined, { peers }).until(2_000);
  assert.equal(node.links.length, 1);
  node.links[0]?.onHeartbeat("node2", heartbeat);
  assert.deepEqual(node.until(3_000).done(/send|ask|trouble/), []);
  assert.equal(node.groups.isMember("lan", Uint8Array.of(2, 0, 0, 0, 0, 2)), false);
  node.tell(group(["node1"])).until(4_000);
  assert.deepEqual(node.done(/close/), ["close"]);
  const byLease = alone(undefined, { peers, byLease: true }).until(1_000);
  assert.equal(byLease.links.length, 0);
});

it("Rule 21: tells who was left out by a forced list that it was, as often as it speaks", () => {
  const node = new Node().tell(group(["node1", "node2", "node3"])).until(500);
  const list = { epoch: 2, members: ["node1"], witness: false, forced: true };
  node.tell(group(["node1"], { list, peers })).until(2_000);
  node.done(/./);
  for (let seq = 1; seq <= 3; seq++) {
    node.links[0]?.onHeartbeat("node2", { ...heartbeat, seq });
    node.until(node.nowMs + 100);
  }
  assert.deepEqual(node.done(/send/), ["send node2", "send node2", "send node2"]);
});

it("asks for the router while a member is not heard, and not at rest", () => {
  const node = new Node().tell(group(["node1", "node2", "node3"]));
  node.router = router;
  node.until(300);
  assert.ok(node.done(/ask/).length >= 4);
  const single = alone();
  single.router = router;
  assert.deepEqual(single.until(3_000).done(/ask/), []);
});

it("knows the members' hardware addresses, and counts their heartbeats", () => {
  const node = new Node().tell(group(["node1", "node2", "node3"]));
  node.links[0]?.onHeartbeat("node2", heartbeat);
  assert.deepEqual(
    [2, 3, 9].map((last) => node.groups.isMember("lan", Uint8Array.of(2, 0, 0, 0, 0, last))),
    [true, true, false],
  );
  assert.equal(node.groups.counters().find(({ node: each }) => each === "node2")?.received, 1);
});

it("has left once it holds nothing, and not before", () => {
  const node = alone().until(2_000);
  assert.equal(node.groups.hasLeft(node.nowMs), false);
  const empty = new Node()
    .tell(group(["node1"]))
    .tell({ kind: "wished", group: "lan" })
    .until(2_000)
    .tell({ kind: "leave" });
  assert.equal(empty.until(2_100).groups.hasLeft(2_100), true);
});
