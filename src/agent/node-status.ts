import { interfaceFor } from "../announce/interface-for.ts";
import { type ConditionState, mergeConditions } from "../api/condition.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import type { NodeAnnouncement, NodeRefusal, VipNodeStatus } from "../api/vip-node.ts";
import { type Address, addressKey, bitLength, compareAddresses, objectName } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import { type Held, isPending } from "./held.ts";
import type { AgentChange, NodeView } from "./plan.ts";
import type { SpeakerInterface } from "./ports.ts";

/** As much as the schema of VIPNode takes: the API server refuses the whole status for one thing more. */
const most = {
  interfaces: 128,
  subnets: 256,
  gateways: 64,
  announcements: 256,
  addresses: 16_384,
  refusals: 4096,
  messageCharacters: 1024,
};

/** The part of a status that the network decides. */
export type NodeLinks = Pick<VipNodeStatus, "interfaces" | "gateways">;

/**
 * The interfaces as VIPNode.status lists them, sorted by name, at most 128, and the next hops of all of them, sorted, each
 * once, at most 64: what carries a default route before others. Of an interface's subnets at most 256, networks before
 * single addresses.
 */
export function nodeLinks(found: readonly SpeakerInterface[]): NodeLinks {
  const defaultFirst = found.toSorted(
    (a, b) => Number(b.carriesDefaultRoute) - Number(a.carriesDefaultRoute) || compareText(a.name, b.name),
  );
  const interfaces = defaultFirst
    .slice(0, most.interfaces)
    .map(({ name, mac, up, carriesDefaultRoute, subnets }) => ({
      name,
      mac: formatMac(mac),
      up,
      defaultRoute: carriesDefaultRoute,
      subnets: listedSubnets(subnets),
    }))
    .sort((a, b) => compareText(a.name, b.name));
  const hops = new Map(defaultFirst.flatMap(({ gateways }) => gateways.map((hop) => [addressKey(hop), hop] as const)));
  return { interfaces, gateways: [...hops.values()].slice(0, most.gateways).sort(compareAddresses) };
}

function listedSubnets(subnets: readonly Prefix[]): readonly Prefix[] {
  const byText = subnets.toSorted((a, b) => compareText(formatPrefix(a), formatPrefix(b)));
  const networks = byText.filter((subnet) => !isHost(subnet));
  const listed = new Set([...networks, ...byText.filter(isHost)].slice(0, most.subnets));
  return byText.filter((subnet) => listed.has(subnet));
}

function isHost({ address, length }: Prefix): boolean {
  return length === bitLength(address.family);
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
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .slice(0, most.announcements)
    .map(([, group]) => ({
      ...group,
      addresses: group.addresses.sort(compareAddresses).slice(0, most.addresses),
    }));
}

function refusals(report: NodeReport): readonly NodeRefusal[] {
  return report.advertisements
    .filter(({ node, services }) => node === report.node && services.length > 0)
    .flatMap((advertisement) => refusal(advertisement, report) ?? [])
    .sort((a, b) => compareAddresses(a.address, b.address))
    .slice(0, most.refusals)
    .map((each) => ({ ...each, message: cut(each.message) }));
}

/** Whole characters, because half of one is not what comes back from the API server. */
function cut(message: string): string {
  const characters = [...message];
  if (characters.length <= most.messageCharacters) return message;
  return `${characters.slice(0, most.messageCharacters - 1).join("")}…`;
}

/** Why an address of this node is not announced; also that another station has it, although it is announced. */
function refusal({ name, address, announcement }: Advertisement, report: NodeReport): NodeRefusal | undefined {
  const { answering = false, trouble } = report.held.get(name) ?? {};
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
  const pending = new Set(changes.flatMap(({ kind, address }) => (kind === "announce" ? [objectName(address)] : [])));
  for (const [key, entry] of held) if (isPending(entry)) pending.add(key);
  return pending.size > 0 && announcedKeys(stored).some((key) => pending.has(key));
}

/** Keys of all addresses that a status announces. */
export function announcedKeys({ announcing: groups }: VipNodeStatus): readonly string[] {
  return groups.flatMap(({ addresses }) => addresses.map(objectName));
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
