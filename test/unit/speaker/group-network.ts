import type { Heartbeat } from "../../../src/announce/votes/heartbeat.ts";
import type { GroupList, WitnessAnswer, WitnessRequest } from "../../../src/announce/votes/inputs.ts";
import type { Address } from "../../../src/net/address.ts";
import { Groups } from "../../../src/speaker/groups.ts";
import type { GroupReport, SpeakerReport } from "../../../src/speaker/messages.ts";
import { address } from "../../support/builders.ts";

type Receive = (from: string, heartbeat: Heartbeat) => void;
type Packet = { readonly from: string; readonly to: string; readonly heartbeat: Heartbeat };

const router = address("192.168.50.1");
const eth0 = "eth0";

/** One node's groups, and what they said. */
export class GroupNode {
  readonly name: string;
  readonly groups: Groups;
  /** What was begun and ended, as `begin CAUSE` and `end CAUSE`. */
  readonly log: string[] = [];
  state: GroupReport | undefined;
  receive: Receive | undefined;
  readonly disk = new Map<string, unknown>();

  constructor(name: string, network: GroupNetwork) {
    this.name = name;
    const { disk } = this;
    this.groups = new Groups({
      settings: { node: name, intervalMs: 100, port: 7474, withoutQuorum: "Keep", leaseDurationMs: 30_000 },
      newBoot: () => network.newBoot(),
      state: {
        read: (file) => disk.get(file),
        write: (file, value) => void disk.set(file, structuredClone(value)),
        remove: (file) => void disk.delete(file),
      },
      openLink: ({ onHeartbeat }) => {
        this.receive = onHeartbeat;
        return {
          setPeers: () => {},
          send: (to, heartbeat) => network.send({ from: name, to, heartbeat }),
          close: () => {
            if (this.receive === onHeartbeat) this.receive = undefined;
          },
        };
      },
      gateway: { of: () => (network.hasRouter ? router : "none"), ask: () => network.askRouter(this) },
      now: () => network.nowMs,
      wake: () => {},
      report: (report) => this.#heard(report, network),
      holdings: {
        begin: (_, { cause }) => void this.log.push(`begin ${cause}`),
        end: (_, { cause }) => void this.log.push(`end ${cause}`),
        quorum: () => {},
        memberBack: () => void this.log.push("memberBack"),
      },
    });
  }

  #heard(report: SpeakerReport, network: GroupNetwork): void {
    if (report.kind === "groupState") this.state = report;
    if (report.kind === "witness") network.askWitness(this, report.request);
  }
}

/** Nodes of one group `lan` as their speakers see it, under one clock that goes by milliseconds, with a router and a witness Lease. */
export class GroupNetwork {
  nowMs = 0;
  hasRouter = false;
  /** Whether the router hears a question. */
  routerHears: () => boolean = () => true;
  apiAway = false;
  readonly nodes: ReadonlyMap<string, GroupNode>;
  readonly #lost = new Set<string>();
  readonly #lease = { holder: "", version: 1 };
  #events: { readonly atMs: number; readonly happen: () => void }[] = [];
  #boots = 0n;

  constructor(names: readonly string[]) {
    this.nodes = new Map(names.map((name) => [name, new GroupNode(name, this)]));
  }

  newBoot(): bigint {
    this.#boots += 1n;
    return this.#boots;
  }

  send({ from, to, heartbeat }: Packet): void {
    this.#soon(() => {
      if (!this.#lost.has(from) && !this.#lost.has(to)) this.nodes.get(to)?.receive?.(from, heartbeat);
    });
  }

  askRouter({ groups }: GroupNode): void {
    if (this.routerHears()) this.#soon(() => groups.heardStation(eth0, router));
  }

  askWitness({ name, groups }: GroupNode, request: WitnessRequest): void {
    this.#soon(() => {
      const answer = this.#answer(name, request);
      if (!this.#lost.has(name)) groups.apply({ kind: "witnessAnswer", group: "lan", answer }, this.nowMs);
    });
  }

  /** The node is gone, without a word. */
  lose(name: string): void {
    this.#lost.add(name);
  }

  /** The node is back, as it was. */
  find(name: string): void {
    this.#lost.delete(name);
  }

  /** Tells the nodes of this list its epoch; `uid` is of the VIPGroup. */
  list(members: readonly string[], epoch: number): void {
    for (const member of members) this.tell(member, members, { epoch });
  }

  /** Tells one node of a list. */
  tell(node: string, members: readonly string[], { epoch, uid = "1" }: { epoch: number; uid?: string }): void {
    const others = [...this.nodes.keys()].filter((name) => name !== node);
    const command = {
      kind: "group",
      name: "lan",
      uid,
      list: listOf(members, epoch),
      byLease: false,
      place: { interface: eth0, address: this.#addressOf(node) },
      peers: others.map((name) => ({ node: name, address: this.#addressOf(name), port: 7474, key: "", macs: [] })),
    } as const;
    this.nodes.get(node)?.groups.apply(command, this.nowMs);
  }

  /** The node hears that it belongs to the group no more, by this list. */
  expel(node: string, members: readonly string[], epoch: number): void {
    this.nodes.get(node)?.groups.apply({ kind: "groupGone", name: "lan", list: listOf(members, epoch) }, this.nowMs);
  }

  /** Tells a node of all the addresses, each wanted at a node. */
  wish(node: string, wanted: ReadonlyMap<Address, string>): void {
    const groups = this.nodes.get(node)?.groups;
    const target = { interface: eth0, mode: "Responder", probe: false } as const;
    const wish = { kind: "announce", group: "lan", generation: 1, willing: true, target } as const;
    for (const [vip, at] of wanted) groups?.announce({ ...wish, address: vip, node: at });
    groups?.apply({ kind: "wished", group: "lan" }, this.nowMs);
  }

  /** Lets this much time go by. */
  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs++) {
      const happened = this.#happen();
      for (const { name, groups } of this.nodes.values())
        if (!this.#lost.has(name) && (happened || groups.wakeAtMs() <= this.nowMs)) groups.turn(this.nowMs);
    }
    for (const { groups } of this.nodes.values()) groups.tellStates(this.nowMs);
  }

  /** Who would answer for the address. */
  answering(vip: Address): readonly string[] {
    const alive = [...this.nodes.values()].filter(({ name }) => !this.#lost.has(name));
    return alive.filter(({ groups }) => groups.answersUntilMs("lan", vip) > this.nowMs).map(({ name }) => name);
  }

  #soon(happen: () => void): void {
    this.#events.push({ atMs: this.nowMs + 1, happen });
  }

  #happen(): boolean {
    const due = this.#events.filter(({ atMs }) => atMs <= this.nowMs);
    this.#events = this.#events.filter(({ atMs }) => atMs > this.nowMs);
    for (const { happen } of due) happen();
    return due.length > 0;
  }

  #answer(node: string, request: WitnessRequest): WitnessAnswer {
    const { id } = request;
    const lease = this.#lease;
    if (this.apiAway) return { id, kind: "failed" };
    if (request.kind === "get")
      return { id, kind: "found", holder: lease.holder, resourceVersion: String(lease.version) };
    if (request.resourceVersion !== String(lease.version)) return { id, kind: "conflict" };
    lease.version += 1;
    lease.holder = request.kind === "empty" ? "" : node;
    return { id, kind: "written", resourceVersion: String(lease.version) };
  }

  #addressOf(node: string): Address {
    return address(`192.168.50.${11 + [...this.nodes.keys()].indexOf(node)}`);
  }
}

function listOf(members: readonly string[], epoch: number): GroupList {
  return { epoch, members, witness: members.length % 2 === 0, forced: false };
}
