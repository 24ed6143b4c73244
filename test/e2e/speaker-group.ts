/** A group of speakers that hear each other and vote; the test plays the agents, and the API server's witness Lease. */
import assert from "node:assert/strict";
import { formatAddress } from "../../src/net/address.ts";
import { formatMac } from "../../src/net/mac.ts";
import { address } from "../support/builders.ts";
import { eventually } from "../support/eventually.ts";
import { arpPackets, nodeOf, type Report, reports, type SpeakerLab } from "./speaker-lab.ts";
import type { Program } from "./speaker-world.ts";

/** What is wanted of an address; `mode` and `probe` as in messages.ts. */
export type Wanted = {
  readonly node: string;
  readonly generation?: number;
  readonly mode?: string;
  readonly probe?: boolean;
  readonly unwilling?: readonly string[];
};

/** Speakers of one group. */
export type SpeakerGroup = {
  /** Tells all speakers what is wanted of an address, and every later one too. */
  want(address: string, wanted: Wanted): void;
  /** A speaker of a node joins, or joins again after its end, and is told everything. */
  join(speaker: Program): Promise<void>;
  /** The running speaker of a node. */
  speaker(node: string): Program;
  /** Resolves once exactly this node says that it announces the address. */
  holds(node: string, address: string): Promise<void>;
  /** Resolves once these members hear each other. */
  linked(): Promise<void>;
};

/** How the group is: who else belongs to it although no speaker of his runs, and whether a Lease votes too. */
export type GroupOptions = { readonly members: readonly string[]; readonly witness?: WitnessStand };

/** The group's members and own addresses: a has 10.9.0.1, and so on. */
const nodes = ["a", "b", "c"];

/** Makes the group; each speaker has to join. */
export function speakerGroup(lab: SpeakerLab, { members, witness }: GroupOptions): SpeakerGroup {
  const speakers = new Map<string, Program>();
  const wishes = new Map<string, Wanted>();
  const list = { epoch: 1, members, witness: witness !== undefined, forced: false };
  const tellGroup = async (speaker: Program): Promise<void> => {
    const node = nodeOf(speaker);
    const peers = await Promise.all(
      [...speakers].filter(([name]) => name !== node).map(([, each]) => peerOf(lab, each)),
    );
    const place = { interface: "eth0", address: addressOf(node) };
    speaker.say({ kind: "group", name: "lan", uid: "1", list, byLease: false, place, peers });
  };
  const tellWish = (speaker: Program, vip: string, wanted: Wanted): void => {
    const { node, generation = 1, mode = "Responder", probe = false, unwilling = [] } = wanted;
    const willing = !unwilling.includes(nodeOf(speaker));
    const target = { interface: "eth0", mode, probe };
    speaker.say({ kind: "announce", address: vip, group: "lan", node, generation, willing, target });
  };
  const speaker = (node: string): Program => speakers.get(node) ?? assert.fail(`no speaker on ${node}`);
  return {
    speaker,
    want: (vip, wanted) => {
      wishes.set(vip, wanted);
      for (const each of speakers.values()) tellWish(each, vip, wanted);
    },
    join: async (joining) => {
      speakers.set(nodeOf(joining), joining);
      for (const each of speakers.values()) await tellGroup(each);
      for (const [vip, wanted] of wishes) tellWish(joining, vip, wanted);
      joining.say({ kind: "wished", group: "lan" });
      witness?.serve(joining);
    },
    holds: async (node, vip) => {
      await eventually(`${node} alone holds ${vip}`, () => {
        const holding = [...speakers].filter(([, each]) => isHolding(each, vip)).map(([name]) => name);
        return holding.join() === node || undefined;
      });
    },
    linked: async () => {
      for (const [node, each] of speakers)
        await eventually(`${node} is linked`, () => {
          const state = reports(each, "groupState").at(-1);
          return state?.linked?.length === speakers.size - 1 || undefined;
        });
    },
  };
}

function addressOf(node: string): string {
  return `10.9.0.${nodes.indexOf(node) + 1}`;
}

async function peerOf(lab: SpeakerLab, speaker: Program): Promise<object> {
  const node = nodeOf(speaker);
  const key = reports(speaker, "key")[0]?.publicKey ?? assert.fail("no key");
  return { node, address: addressOf(node), port: 7474, key, macs: [formatMac(await lab.macOf(node))] };
}

/** Whether the last that a speaker said of an address is that it announces it. */
export function isHolding(speaker: Program, vip: string): boolean {
  const all = speaker.lines as readonly Report[];
  const last = all.findLast(
    ({ kind, address: of }) => of === vip && ["announced", "withdrawn", "failed"].includes(kind),
  );
  return last?.kind === "announced";
}

/** The witness Lease, as an API server keeps it. */
export class WitnessStand {
  /** Whether the API server answers. */
  away = false;
  holder = "";
  #version = 1;
  readonly #served = new WeakMap<Program, number>();
  readonly #timers: NodeJS.Timeout[] = [];

  /** Answers what a speaker asks from now on. */
  serve(speaker: Program): void {
    this.#served.set(speaker, 0);
    this.#timers.push(setInterval(() => this.#answer(speaker), 5));
  }

  /** Answers nobody any more. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #answer(speaker: Program): void {
    const asked = reports(speaker, "witness") as readonly (Report & { request: WitnessRequest })[];
    for (const { request } of asked.slice(this.#served.get(speaker) ?? 0)) {
      const answer = this.away ? { kind: "failed" } : this.#judge(request, nodeOf(speaker));
      speaker.say({ kind: "witnessAnswer", group: "lan", answer: { id: request.id, ...answer } });
      if (!this.away) speaker.say({ kind: "apiAnswered" });
    }
    this.#served.set(speaker, asked.length);
  }

  #judge({ kind, resourceVersion }: WitnessRequest, node: string): object {
    if (kind === "get") return { kind: "found", holder: this.holder, resourceVersion: String(this.#version) };
    if (resourceVersion !== String(this.#version)) return { kind: "conflict" };
    this.#version++;
    this.holder = kind === "empty" ? "" : node;
    return { kind: "written", resourceVersion: String(this.#version) };
  }
}

type WitnessRequest = { readonly id: number; readonly kind: string; readonly resourceVersion?: string };

/** Who said in ARP that it has an address, in the order in which a speaker-station.ts heard it; who repeats itself once. */
export function sayersOf(station: Program, vip: string): readonly string[] {
  const macs = arpPackets(station)
    .filter(({ senderIp }) => formatAddress(senderIp) === formatAddress(address(vip)))
    .map(({ senderMac }) => formatMac(senderMac));
  return macs.filter((mac, i) => mac !== macs[i - 1]);
}
