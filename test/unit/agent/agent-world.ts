/** What the tests of the agent share: an agent in a world that is set by hand. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Agent } from "../../../src/agent/agent.ts";
import type { BgpCommand, KnownNode, KnownPeer, PasswordAnswer } from "../../../src/agent/bgp-ports.ts";
import type { Endpoint, GroupReport, SpeakerCommand, SpeakerReport, Target } from "../../../src/agent/ports.ts";
import type { Advertisement } from "../../../src/api/vip-advertisement.ts";
import type { Group } from "../../../src/api/vip-group.ts";
import type { VipNode, VipNodeStatus } from "../../../src/api/vip-node.ts";
import { type Address, formatAddress } from "../../../src/net/address.ts";
import { formatPrefix } from "../../../src/net/prefix.ts";
import type { Logger } from "../../../src/runtime/log.ts";
import { address, advertisement, group, prefix, service } from "../../support/builders.ts";

/** Of the agent's Lease. */
export const leaseDurationMs = 30_000;

/** A clock that stands still unless it is moved; what is due at once runs in the next turn of the event loop. */
function manualClock() {
  let nowMs = 0;
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  const runDue = (): void => {
    for (const timer of [...timers]) if (timer.dueMs <= nowMs && timers.delete(timer)) timer.callback();
  };
  return {
    wallMs: () => nowMs,
    monotonicMs: () => nowMs,
    setTimer: (delayMs: number, callback: () => void) => {
      const timer = { dueMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      if (delayMs <= 0) setImmediate(runDue);
      return () => void timers.delete(timer);
    },
    async advance(ms: number): Promise<void> {
      nowMs += ms;
      runDue();
      await settle();
    },
  };
}

/** Lets everything happen that is due. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

/** The VIPGroup of node1 and node2. */
export const lan = "192-168-50-0-24-1";

/** What node2's Lease says. */
export const endpoint: Endpoint = { addresses: [address("192.168.50.12")], port: 7474, key: "key2", macs: [] };

/** What stays over a restart of the agent. */
export type Disk = Map<string, unknown>;

/** An agent of node1 that has not been run, and all that it sees and does. */
export function world(disk: Disk = new Map()) {
  const clock = manualClock();
  const state = {
    advertisements: [] as Advertisement[],
    groups: [group(["node1", "node2"])] as Group[],
    node: undefined as VipNode | undefined,
    synced: true,
    renewedMs: 0 as number | undefined,
    happened: [] as string[],
    targets: [] as (Target | undefined)[],
    statuses: [] as VipNodeStatus[],
    endpoints: [] as Endpoint[],
    read: [] as string[],
    endpointOf: (_: string): Endpoint | undefined => endpoint,
    written: Promise.resolve(),
    bgp: undefined as { peers: readonly KnownPeer[]; node: KnownNode } | undefined,
    passwordOf: (secret: string): PasswordAnswer => ({ kind: "missing", message: `Secret ${secret} does not exist` }),
    secretsRead: [] as string[],
    commands: [] as BgpCommand[],
    localAddresses: [] as readonly Address[],
    logged: [] as string[],
    report: (_: SpeakerReport): void => {},
    fail: (_: Error): void => {},
  };
  const note = (fields: object, message: string) => void state.logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: () => {}, info: note, warn: note, error: () => {}, child: () => log };
  const agent = new Agent({
    node: "node1",
    heartbeatPort: 7474,
    leaseDurationMs,
    cluster: {
      synced: () => state.synced,
      advertisements: () => state.advertisements,
      groups: () => state.groups,
      readGroup: async (name) => void state.happened.push(`read group ${name}`),
    },
    ownNode: {
      read: () => state.node,
      write: async (read, status) => {
        state.statuses.push(status);
        await state.written;
        const { bgp: _, ...before } = read;
        state.node = { ...before, ...status };
        return "written";
      },
    },
    lease: {
      renewedMs: () => state.renewedMs,
      sayEndpoint: (each) => void state.endpoints.push(each),
      leave: () => void state.happened.push("lease says leaving"),
      release: async (routesStay) => void state.happened.push(`lease emptied${routesStay ? ", routes stay" : ""}`),
    },
    electorate: {
      readEndpoint: async (node) => {
        state.read.push(node);
        return state.endpointOf(node);
      },
      askWitness: async (_, { id }) => ({ id, kind: "conflict" }),
    },
    bgp: {
      read: () => state.bgp,
      readPassword: async (secret) => {
        state.secretsRead.push(secret);
        return state.passwordOf(secret);
      },
      annotationPrefix: "cloud.example",
      drainWaitMs: 5_000,
      localAddresses: () => state.localAddresses,
    },
    kept: { read: (name) => disk.get(name), write: (name, value) => void disk.set(name, value) },
    looseArp: () => undefined,
    parseEndpoint: () => endpoint,
    openSpeaker: (onReport, onFailure) => {
      state.report = onReport;
      state.fail = onFailure;
      return {
        send: (command) => {
          if (isBgp(command)) state.commands.push(command);
          if (command.kind !== "wished") state.happened.push(described(command));
          if (command.kind === "announce") state.targets.push(command.target);
        },
        close: async () => void state.happened.push("closed"),
      };
    },
    clock,
    random: () => 0,
    log,
    metrics: { ownershipChanged: () => {}, conflictFound: () => {}, tookOver: () => {}, speakerCounted: () => {} },
  });
  return { clock, state, agent };
}

function isBgp(command: SpeakerCommand): command is BgpCommand {
  return ["bgpPeer", "bgpPeerGone", "bgpRoutes", "bgpLo", "bgpDrain"].includes(command.kind);
}

function described(command: SpeakerCommand): string {
  switch (command.kind) {
    case "group":
      return `group of ${command.list.members} by ${command.peers.map(({ node, key }) => `${node} ${key}`)}`;
    case "announce":
      return `${command.willing ? "willing" : "unwilling"} ${formatAddress(command.address)}`;
    case "withdraw":
      return `withdraw ${formatAddress(command.address)}`;
    case "witnessAnswer":
      return `witness ${command.answer.kind}`;
    case "leaseRenewed":
      return `renewed at ${command.atMs}`;
    case "bgpPeer":
      return `session ${command.name}${command.transport.password === undefined ? "" : ` by ${command.transport.password}`}`;
    case "bgpRoutes":
      return `routes to ${command.name}: ${command.routes.map(({ prefix: each }) => formatPrefix(each)).join(" ")}`;
    case "bgpLo":
      return `on lo: ${command.addresses.map(formatAddress).join(" ")}`;
    case "bgpPeerGone":
      return `no session ${command.name}`;
    case "bgpDrain":
    case "wished":
    case "groupGone":
    case "apiAnswered":
    case "leave":
      return command.kind;
  }
}

/** What the speaker says of its interfaces: eth0 with 192.168.50.11/24. */
export const interfaces: SpeakerReport = {
  kind: "interfaces",
  interfaces: [
    {
      name: "eth0",
      mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
      up: true,
      carriesDefaultRoute: true,
      gateways: [],
      subnets: [prefix("192.168.50.11/24")],
    },
  ],
};

/** The claim of an address in the group, wanted on a node. */
export function claim(text: string, node = "node1"): Advertisement {
  return advertisement(text, { owner: service(), node, group: lan });
}

/** The speaker answers for an address. */
export function announced(text: string): SpeakerReport {
  return { kind: "announced", address: address(text), interface: "eth0", cause: "wanted" };
}

/** The speaker answers for an address no more. */
export function withdrawn(text: string): SpeakerReport {
  return { kind: "withdrawn", address: address(text), cause: "given" };
}

/** The speaker sees the group so. */
export function groupState(linked: readonly string[], epoch = 1): GroupReport {
  return { kind: "groupState", name: lan, epoch, quorum: linked.length > 0, hears: linked, linked, forced: false };
}
