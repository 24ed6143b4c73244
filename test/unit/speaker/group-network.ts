import type { Heartbeat } from "../../../src/announce/votes/heartbeat.ts";
import type { Address } from "../../../src/net/address.ts";
import { Groups } from "../../../src/speaker/groups.ts";
import type { GroupReport } from "../../../src/speaker/messages.ts";
import { address } from "../../support/builders.ts";

type Receive = (from: string, heartbeat: Heartbeat) => void;
type Packet = { readonly atMs: number; readonly from: string; readonly to: string; readonly heartbeat: Heartbeat };

/** One node's groups, and what they last said of the group. */
export class GroupNode {
  readonly name: string;
  readonly groups: Groups;
  linked: readonly string[] = [];
  receive: Receive | undefined;

  constructor(name: string, network: GroupNetwork) {
    this.name = name;
    const disk = new Map<string, unknown>();
    this.groups = new Groups({
      settings: { node: name, intervalMs: 100, port: 7474, withoutQuorum: "Keep" },
      newBoot: () => network.newBoot(),
      state: {
        read: (file) => disk.get(file),
        write: (file, value) => void disk.set(file, structuredClone(value)),
        remove: (file) => void disk.delete(file),
      },
      openLink: ({ onHeartbeat }) => {
        this.receive = onHeartbeat;
        const isOpen = (): boolean => this.receive === onHeartbeat;
        return {
          setPeers: () => {},
          send: (to, heartbeat) => void (isOpen() && network.send({ from: name, to, heartbeat })),
          close: () => {
            if (isOpen()) this.receive = undefined;
          },
        };
      },
      gateway: { of: () => "none", ask: () => {} },
      now: () => network.nowMs,
      wake: () => {},
      report: (report) => this.#heard(report),
      holdings: { begin: () => {}, end: () => {}, quorum: () => {} },
    });
  }

  #heard(report: { readonly kind: string } | GroupReport): void {
    if (report.kind === "groupState" && "linked" in report) this.linked = report.linked;
  }
}

/** Nodes of one group `lan` as their speakers see it, under one clock that goes by milliseconds. */
export class GroupNetwork {
  nowMs = 0;
  readonly nodes: ReadonlyMap<string, GroupNode>;
  readonly #lost = new Set<string>();
  #packets: Packet[] = [];
  #boots = 0n;

  constructor(names: readonly string[]) {
    this.nodes = new Map(names.map((name) => [name, new GroupNode(name, this)]));
  }

  newBoot(): bigint {
    this.#boots += 1n;
    return this.#boots;
  }

  send(packet: Omit<Packet, "atMs">): void {
    this.#packets.push({ ...packet, atMs: this.nowMs + 1 });
  }

  /** The node is gone, without a word. */
  lose(name: string): void {
    this.#lost.add(name);
  }

  /** Tells the nodes of this list its epoch; `uid` is of the VIPGroup. */
  list(members: readonly string[], epoch: number, uid = "1"): void {
    for (const member of members) this.tell(member, members, { epoch, uid });
  }

  /** Tells one node of a list. */
  tell(node: string, members: readonly string[], { epoch, uid = "1" }: { epoch: number; uid?: string }): void {
    const others = [...this.nodes.keys()].filter((name) => name !== node);
    const command = {
      kind: "group",
      name: "lan",
      uid,
      list: { epoch, members, witness: members.length % 2 === 0, forced: false },
      byLease: false,
      place: { interface: "eth0", address: this.#addressOf(node) },
      peers: others.map((name) => ({ node: name, address: this.#addressOf(name), port: 7474, key: "", macs: [] })),
    } as const;
    this.nodes.get(node)?.groups.apply(command, this.nowMs);
  }

  /** The node hears that it belongs to the group no more. */
  expel(node: string): void {
    this.nodes.get(node)?.groups.apply({ kind: "groupGone", name: "lan" }, this.nowMs);
  }

  /** Tells a node of all the addresses, each wanted at a node. */
  wish(node: string, wanted: ReadonlyMap<Address, string>): void {
    const groups = this.nodes.get(node)?.groups;
    const target = { interface: "eth0", mode: "Responder", probe: false } as const;
    for (const [vip, at] of wanted)
      groups?.announce({
        kind: "announce",
        address: vip,
        group: "lan",
        node: at,
        generation: 1,
        willing: true,
        target,
      });
    groups?.apply({ kind: "wished", group: "lan" }, this.nowMs);
  }

  /** Lets this much time go by. */
  run(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs++) {
      const heard = this.#deliver();
      for (const { groups } of this.nodes.values())
        if (heard || groups.wakeAtMs() <= this.nowMs) groups.turn(this.nowMs);
    }
    for (const { groups } of this.nodes.values()) groups.tellStates(this.nowMs);
  }

  #deliver(): boolean {
    const due = this.#packets.filter(({ atMs }) => atMs <= this.nowMs);
    this.#packets = this.#packets.filter(({ atMs }) => atMs > this.nowMs);
    for (const { from, to, heartbeat } of due)
      if (!this.#lost.has(from) && !this.#lost.has(to)) this.nodes.get(to)?.receive?.(from, heartbeat);
    return due.length > 0;
  }

  /** Who would answer for the address. */
  answering(vip: Address): readonly string[] {
    const alive = [...this.nodes.values()].filter(({ name }) => !this.#lost.has(name));
    return alive.filter(({ groups }) => groups.answersUntilMs("lan", vip) > this.nowMs).map(({ name }) => name);
  }

  #addressOf(node: string): Address {
    return address(`192.168.50.${10 + [...this.nodes.keys()].indexOf(node)}`);
  }
}
