import { interfaceFor } from "../announce/eligibility.ts";
import { type ConditionState, mergeConditions } from "../api/condition.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { NodeAnnouncement, NodeRefusal, VipNodeStatus } from "../api/vip-node.ts";
import { type Address, addressKey, compareAddresses } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import { formatPrefix } from "../net/prefix.ts";
import { type Held, isPending } from "./held.ts";
import type { AgentChange, NodeView } from "./plan.ts";
import type { SpeakerInterface } from "./ports.ts";

/** As many as the schema of VIPNode takes. */
const mostGateways = 64;
const mostRefusals = 4096;

/** The part of a status that the network decides. */
export type NodeLinks = Pick<VipNodeStatus, "interfaces" | "gateways">;

/** The interfaces as VIPNode.status lists them, sorted by name; the next hops of all of them, sorted, each once: at most 64, default routes' before others. */
export function nodeLinks(found: readonly SpeakerInterface[]): NodeLinks {
  const interfaces = found
    .map(({ name, mac, up, carriesDefaultRoute, subnets }) => ({
      name,
      mac: formatMac(mac),
      up,
      defaultRoute: carriesDefaultRoute,
      subnets: subnets.toSorted((a, b) => compareText(formatPrefix(a), formatPrefix(b))),
    }))
    .sort((a, b) => compareText(a.name, b.name));
  const defaultFirst = found.toSorted((a, b) => Number(b.carriesDefaultRoute) - Number(a.carriesDefaultRoute));
  const hops = new Map(defaultFirst.flatMap(({ gateways }) => gateways.map((hop) => [addressKey(hop), hop] as const)));
  return { interfaces, gateways: [...hops.values()].slice(0, mostGateways).sort(compareAddresses) };
}

/** What a node has to say of itself, from what its speaker said. */
export type NodeReport = NodeLinks & Pick<NodeView, "node" | "advertisements" | "held">;

/**
 * The status of the node, in an order that depends on nothing but its content; `before` is the stored one, whose
 * conditions keep their times as long as they do not change.
 */
export function nodeStatus(report: NodeReport, before: VipNodeStatus, nowMs: number): VipNodeStatus {
  return {
    interfaces: report.interfaces,
    gateways: report.gateways,
    announcing: announcements(report.held),
    refusing: refusals(report),
    conditions: mergeConditions(before.conditions, [ready(report)], nowMs),
  };
}

function announcements(held: Held): readonly NodeAnnouncement[] {
  const groups = new Map<string, { protocol: "ARP" | "NDP"; interface: string; addresses: Address[] }>();
  for (const { address, interface: name, answering } of held.values()) {
    if (!answering) continue;
    const protocol = address.family === 4 ? "ARP" : "NDP";
    const key = `${protocol} ${name}`;
    const group = groups.get(key) ?? { protocol, interface: name, addresses: [] };
    group.addresses.push(address);
    groups.set(key, group);
  }
  for (const { addresses } of groups.values()) addresses.sort(compareAddresses);
  return [...groups].sort(([a], [b]) => compareText(a, b)).map(([, group]) => group);
}

function refusals(report: NodeReport): readonly NodeRefusal[] {
  return report.advertisements
    .filter(({ node, services }) => node === report.node && services.length > 0)
    .flatMap((advertisement) => refusal(advertisement, report) ?? [])
    .sort((a, b) => compareAddresses(a.address, b.address))
    .slice(0, mostRefusals);
}

/** Why an address of this node is not announced; also that another station has it, although it is announced. */
function refusal({ address, announcement }: Advertisement, report: NodeReport): NodeRefusal | undefined {
  const { answering = false, trouble } = report.held.get(addressKey(address)) ?? {};
  if (trouble?.reason === "Conflict") return { address, ...trouble };
  if (answering) return undefined;
  const place = interfaceFor(address, announcement.arp.interfaces, report.interfaces);
  if ("reason" in place) return { address, reason: place.reason, message: place.message };
  return trouble && { address, ...trouble };
}

function ready({ interfaces }: NodeReport): ConditionState {
  return interfaces.length > 0
    ? { type: "Ready", status: "True", reason: "Ready", message: "" }
    : { type: "Ready", status: "False", reason: "NoInterface", message: "no network interface with an address" };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Whether the stored status announces an address of which the speaker has yet to say what became of it: after a restart,
 * a status written now would take back what is true again a moment later.
 */
export function awaitsSpeaker(stored: VipNodeStatus, held: Held, changes: readonly AgentChange[]): boolean {
  const pending = new Set(changes.flatMap(({ kind, address }) => (kind === "announce" ? [addressKey(address)] : [])));
  for (const [key, entry] of held) if (isPending(entry)) pending.add(key);
  return pending.size > 0 && announcedKeys(stored).some((key) => pending.has(key));
}

/** Keys of all addresses that a status announces. */
export function announcedKeys({ announcing: groups }: VipNodeStatus): readonly string[] {
  return groups.flatMap(({ addresses }) => addresses.map(addressKey));
}

/** Whether both say the same, lists in the same order; whose they are does not matter. */
export function sameStatus(a: VipNodeStatus, b: VipNodeStatus): boolean {
  return sameValue(partsOf(a), partsOf(b));
}

function partsOf({ interfaces, gateways, announcing, refusing, conditions }: VipNodeStatus): VipNodeStatus {
  return { interfaces, gateways, announcing, refusing, conditions };
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = definedKeys(a);
  return keys.length === definedKeys(b).length && keys.every((key) => sameValue(a[key], b[key]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function definedKeys(record: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(record).filter((key) => record[key] !== undefined);
}
