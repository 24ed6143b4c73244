import { interfaceFor } from "../announce/interface-for.ts";
import type { ArpMode } from "../api/announcement.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { NodeInterface } from "../api/vip-node.ts";
import type { Address } from "../net/address.ts";
import type { Held, HeldAddress } from "./held.ts";

/** Everything that decides what this node announces. */
export type NodeView = {
  readonly node: string;
  readonly advertisements: readonly Advertisement[];
  readonly interfaces: readonly NodeInterface[];
  readonly held: Held;
  /** The names of the advertisements whose addresses this node announced before it was restarted. */
  readonly announcedBefore: ReadonlySet<string>;
  /** Whether the advertisements are known to be what the cluster says now; nothing is taken while they are not. */
  readonly authority: boolean;
  /** The agent is about to end: it takes nothing more. */
  readonly leaving: boolean;
};

/** One thing to ask of the speaker, and why: the word that the log and the metrics use. */
export type AgentChange =
  | {
      readonly kind: "announce";
      readonly address: Address;
      readonly interface: string;
      readonly mode: ArpMode;
      readonly probe: boolean;
      readonly cause: "placed" | "restarted" | "retargeted" | "reclaimed";
    }
  | {
      readonly kind: "withdraw";
      readonly address: Address;
      readonly cause: "released" | "unplaced" | "moved" | "interface";
    }
  | { readonly kind: "yield"; readonly address: Address; readonly cause: "moved" };

/**
 * What has to change so that the speaker holds what the advertisements give this node; nothing if it does already.
 *
 * | claim | held | change |
 * |---|---|---|
 * | gone, or of no Service | yes | withdraw |
 * | of another node | answering | yield: make before break |
 * | of another node, or of none | not answering, or of none | withdraw |
 * | of this node, and an interface fits | no, or otherwise | announce, if authority lasts and the node stays |
 * | of this node, and no interface fits | yes | withdraw |
 */
export function planAnnouncements(view: NodeView): readonly AgentChange[] {
  const changes: AgentChange[] = [];
  const unclaimed = new Map(view.held);
  for (const claim of view.advertisements) {
    if (claim.services.length === 0) continue;
    const held = unclaimed.get(claim.name);
    unclaimed.delete(claim.name);
    const change = claim.node === view.node ? keep(view, claim, held) : letGo(claim, held);
    if (change !== undefined) changes.push(change);
  }
  return [...changes, ...[...unclaimed.values()].flatMap(release)];
}

function release({ address, asked }: HeldAddress): readonly AgentChange[] {
  return asked === "withdraw" ? [] : [{ kind: "withdraw", address, cause: "released" }];
}

function letGo({ address, node }: Advertisement, held: HeldAddress | undefined): AgentChange | undefined {
  if (held === undefined || held.asked !== "announce") return undefined;
  if (node === "") return { kind: "withdraw", address, cause: "unplaced" };
  return { kind: held.answering ? "yield" : "withdraw", address, cause: "moved" };
}

function keep(view: NodeView, advertisement: Advertisement, held: HeldAddress | undefined): AgentChange | undefined {
  const { address, announcement } = advertisement;
  const place = interfaceFor(address, announcement.arp.interfaces, view.interfaces);
  if ("reason" in place) return dropMisplaced(address, held, place.reason);
  const target = { interface: place.interface, mode: announcement.arp.mode };
  if (held !== undefined && !wantsAnnouncing(held, target)) return undefined;
  if (!view.authority || view.leaving) return undefined;
  return { kind: "announce", address, ...target, ...occasion(view, advertisement, held) };
}

type Target = { readonly interface: string; readonly mode: ArpMode };

function wantsAnnouncing(held: HeldAddress, target: Target): boolean {
  const asItShouldBe = held.asked === "announce" && held.interface === target.interface && held.mode === target.mode;
  return !asItShouldBe || held.trouble?.reason === "Superseded";
}

/** An interface without carrier keeps its addresses: the speaker announces them again once the carrier is back. */
function dropMisplaced(address: Address, held: HeldAddress | undefined, reason: string): AgentChange | undefined {
  if (held?.asked !== "announce" || reason === "InterfaceDown") return undefined;
  return { kind: "withdraw", address, cause: "interface" };
}

type Occasion = Pick<AgentChange & { kind: "announce" }, "probe" | "cause">;

/** Only the cluster's first use of an address is probed: a probe on any other occasion would meet the cluster itself. */
function occasion(view: NodeView, advertisement: Advertisement, held: HeldAddress | undefined): Occasion {
  if (held !== undefined) return { probe: false, cause: held.asked === "announce" ? retaken(held) : "reclaimed" };
  if (view.announcedBefore.has(advertisement.name)) return { probe: false, cause: "restarted" };
  const { status, announcement } = advertisement;
  const firstUse = status.holder === "" && status.history.length === 0;
  return { probe: firstUse && announcement.arp.conflictCheck === "On", cause: "placed" };
}

function retaken({ trouble }: HeldAddress): "reclaimed" | "retargeted" {
  return trouble?.reason === "Superseded" ? "reclaimed" : "retargeted";
}
