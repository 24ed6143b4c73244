import { interfaceFor } from "../announce/interface-for.ts";
import { type LooseArp, strictArpOff } from "../announce/strict-arp.ts";
import { type ConditionState, mergeConditions } from "../api/condition.ts";
import { cut } from "../api/cut-text.ts";
import type { Advertisement } from "../api/vip-advertisement.ts";
import {
  drainedCondition,
  type NodeAnnouncement,
  type NodeBgpSession,
  type NodeGroup,
  type NodeRefusal,
  type VipNodeStatus,
} from "../api/vip-node.ts";
import { type Address, addressKey, bitLength, compareAddresses, objectName } from "../net/address.ts";
import { formatMac } from "../net/mac.ts";
import { formatPrefix, type Prefix } from "../net/prefix.ts";
import { type BgpStatus, bgpConditionTypes } from "./bgp-status.ts";
import type { Held } from "./held.ts";
import { type NodeView, ownGroups } from "./plan.ts";
import type { SpeakerInterface } from "./ports.ts";

/** As much as the schema of VIPNode takes: the API server refuses the whole status for one thing more. */
const most = {
  interfaces: 128,
  subnets: 256,
  gateways: 64,
  announcements: 256,
  addresses: 16_384,
  refusals: 4096,
  groups: 64,
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
export type NodeReport = NodeLinks &
  Pick<NodeView, "node" | "advertisements" | "groups" | "held" | "drain"> & {
    /** How it sees its groups, sorted by name. */
    readonly groupStates: readonly NodeGroup[];
    /** Why its kernel would answer for addresses that another node holds. */
    readonly loose?: LooseArp;
    /** Absent: nothing is known of BGP. */
    readonly bgp?: BgpStatus;
  };

/**
 * The status of the node, in an order that depends on nothing but its content; `before` is the stored one, whose
 * conditions keep their times as long as they do not change.
 */
export function nodeStatus(report: NodeReport, before: VipNodeStatus, nowMs: number): VipNodeStatus {
  return {
    interfaces: report.interfaces,
    gateways: report.gateways,
    announcing: [...announcements(report.held), ...byBgp(report)].slice(0, most.announcements),
    refusing: refusals(report),
    groups: report.groupStates.slice(0, most.groups),
    ...(report.bgp && report.bgp.sessions.length > 0 && { bgp: report.bgp.sessions }),
    conditions: conditions(report, before, nowMs),
  };
}

function byBgp({ bgp }: NodeReport): readonly NodeAnnouncement[] {
  if (bgp === undefined || bgp.addresses.length === 0) return [];
  return [{ protocol: "BGP", interface: "", addresses: bgp.addresses.slice(0, most.addresses) }];
}

/** These are there only as long as what they tell is so. */
const passing: readonly string[] = [drainedCondition, strictArpOff, ...bgpConditionTypes];

function conditions(report: NodeReport, before: VipNodeStatus, nowMs: number): VipNodeStatus["conditions"] {
  const drain = report.drain ? [drained(report)] : [];
  const now = [ready(report), ...drain, ...strictArp(report), ...(report.bgp?.conditions ?? [])];
  const over = passing.filter((type) => !now.some((each) => each.type === type));
  const others = before.conditions.filter(({ type }) => !over.includes(type));
  return mergeConditions(others, now, nowMs);
}

function strictArp({ loose }: NodeReport): readonly ConditionState[] {
  return loose === undefined ? [] : [{ type: strictArpOff, status: "True", ...loose }];
}

function drained({ held, bgp }: NodeReport): ConditionState {
  const left = [...held.values()].filter(({ answering }) => answering).length;
  if (left === 0 && bgp?.departed === false)
    return { type: drainedCondition, status: "False", reason: "Draining", message: "BGP sessions have not ended yet" };
  return left === 0
    ? { type: drainedCondition, status: "True", reason: "Drained", message: "no address is held" }
    : { type: drainedCondition, status: "False", reason: "Draining", message: `addresses still held: ${left}` };
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
    .map(([, group]) => ({
      ...group,
      addresses: group.addresses.sort(compareAddresses).slice(0, most.addresses),
    }));
}

function refusals(report: NodeReport): readonly NodeRefusal[] {
  const groups = new Set(ownGroups(report).map(({ name }) => name));
  const onLan = report.advertisements
    .filter(({ name, node, services }) => services.length > 0 && (node === report.node || isTroubled(name, report)))
    .flatMap((advertisement) => refusal(advertisement, report, groups) ?? []);
  const named = new Set(onLan.map(({ address }) => addressKey(address)));
  const byRoute = (report.bgp?.refusals ?? []).filter(({ address }) => !named.has(addressKey(address)));
  return [...onLan, ...byRoute]
    .sort((a, b) => compareAddresses(a.address, b.address))
    .slice(0, most.refusals)
    .map((each) => ({ ...each, message: cut(each.message, most.messageCharacters) }));
}

function isTroubled(name: string, { held }: NodeReport): boolean {
  return held.get(name)?.trouble !== undefined;
}

/** Why an address that is wanted here is not announced; also that a foreign station has it, although it is announced. */
function refusal(
  { name, address, announcement, group }: Advertisement,
  report: NodeReport,
  groups: ReadonlySet<string>,
): NodeRefusal | undefined {
  if (announcement.arp === undefined) return undefined;
  if (!groups.has(group)) return { address, reason: "NoGroup", message: groupless(group, report.node) };
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

function groupless(group: string, node: string): string {
  return group === "" ? "the address is in no group" : `node ${node} is not in group ${group}`;
}

/**
 * Whether the stored status announces an address of which the votes have yet to say what became of it: soon after a restart,
 * a status written now would take back what is true again a moment later.
 */
export function awaitsVotes(announcedBefore: ReadonlySet<string>, held: Held): boolean {
  return [...announcedBefore].some((key) => {
    const entry = held.get(key);
    return entry?.wish?.willing === true && !entry.answering && entry.trouble === undefined;
  });
}

/** Whether the stored sessions have an established one of which it is not known yet whether it comes up again after a restart. */
export function awaitsSessions(stored: readonly NodeBgpSession[], now: BgpStatus | undefined): boolean {
  const up = stored.filter(({ state }) => state === "Established");
  if (now === undefined) return up.length > 0;
  return up.some(({ peer }) => now.sessions.some((each) => each.peer === peer && each.state !== "Established"));
}

/** Keys of all addresses that a status announces on a LAN. */
export function announcedKeys({ announcing: groups }: VipNodeStatus): readonly string[] {
  return groups.filter(({ protocol }) => protocol !== "BGP").flatMap(({ addresses }) => addresses.map(objectName));
}

/** Whether both say the same, lists in the same order; whose they are does not matter. */
export function sameStatus(a: VipNodeStatus, b: VipNodeStatus): boolean {
  return sameValue(partsOf(a), partsOf(b));
}

function partsOf({ groups, bgp, ...status }: VipNodeStatus): VipNodeStatus {
  const { interfaces, gateways, announcing, refusing, conditions } = status;
  return { interfaces, gateways, announcing, refusing, ...(groups && { groups }), ...(bgp && { bgp }), conditions };
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
