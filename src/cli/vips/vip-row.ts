import { formatTime } from "../../api/condition.ts";
import type { PoolObject, Reuse } from "../../api/ip-pool.ts";
import { parsePool } from "../../api/ip-pool.ts";
import { type Advertisement, type AdvertisementObject, parseAdvertisement } from "../../api/vip-advertisement.ts";
import { pastOf, reuseOf } from "../../ipam/reuse.ts";
import { compareAddresses, formatAddress } from "../../net/address.ts";
import { type Votes, type Voting, votesFor } from "../votes.ts";

/** One address as the list shows it; also what `-o json` prints. */
export type VipRow = {
  readonly address: string;
  /** The name of its VIPAdvertisement. */
  readonly name: string;
  /** Empty: outside every pool. */
  readonly pool: string;
  /** `namespace/name`; several share it, none: nobody holds it. */
  readonly services: readonly string[];
  /** The node that answers for it on the LAN, or one of those that announce it by BGP alone; empty: none. */
  readonly holder: string;
  /** The nodes that announce it by BGP, at most 16; absent: it is not announced by BGP. */
  readonly holders?: readonly string[];
  /** The nodes that shall announce it by BGP; absent: every eligible one, or it is not announced by BGP. */
  readonly announcers?: readonly string[];
  /** The voters that the holder can count on; absent: nobody holds it, or nobody votes on it. */
  readonly votes?: Votes;
  /** The VIPGroup that votes on it; empty: none. */
  readonly group: string;
  /** The node where it is wanted; empty: none. */
  readonly node: string;
  readonly protocol: string;
  /** Since when the holder has it, else since when the address is given or remembered; RFC 3339. */
  readonly since: string;
  readonly state: "announced" | "pending" | "conflict" | "remembered" | "cooling" | "released" | "unreadable";
  /** `namespace/name` of the Service that had it last, while it is remembered or rests. */
  readonly releasedBy?: string;
  /** Why it is not announced, or for whom it is kept and until when; empty: nothing to say. */
  readonly message: string;
};

/** Everything that the list is made from; `nowMs` is since the epoch. */
export type VipSource = {
  readonly advertisements: readonly AdvertisementObject[];
  /** They say how long what was released is remembered, and rests. */
  readonly pools: readonly PoolObject[];
  readonly voting: Voting;
  readonly nowMs: number;
};

/** The rows of a ledger, lowest address first. */
export function vipRows({ advertisements: objects, pools: poolObjects, voting, nowMs }: VipSource): readonly VipRow[] {
  const pools = new Map(
    poolObjects.map(parsePool).flatMap((parsed) => ("value" in parsed ? [[parsed.value.name, parsed.value]] : [])),
  );
  const parsed = objects.map((object) => ({ object, advertisement: parseAdvertisement(object) }));
  const readable = parsed.flatMap(({ advertisement }) => ("value" in advertisement ? [advertisement.value] : []));
  const unreadable = parsed.flatMap(({ object, advertisement }) =>
    "problems" in advertisement ? [unreadableRow(object, advertisement.problems[0]?.message ?? "")] : [],
  );
  const sorted = readable.sort((a, b) => compareAddresses(a.address, b.address));
  const rows = sorted.map((each) => ({
    ...vipRow(each, voting),
    ...(each.services.length === 0 && kept(each, reuseOf(pools, each.pool), nowMs)),
  }));
  return [...rows, ...unreadable];
}

function vipRow(advertisement: Advertisement, voting: Voting): VipRow {
  const { address, name, services, status, createdMs, group, node, announcers } = advertisement;
  const { holder, holders, protocol, history } = status;
  const held = history.at(-1);
  const votes = holder === "" ? undefined : votesFor(holder, group, voting);
  const since = held !== undefined && held.node === holder ? held.time : formatTime(createdMs);
  return {
    address: formatAddress(address),
    name,
    pool: advertisement.pool,
    services: services.map((each) => `${each.namespace}/${each.name}`),
    holder,
    ...(holders && { holders }),
    ...(announcers && { announcers }),
    ...(votes && { votes }),
    group,
    node,
    protocol,
    since,
    ...announced(advertisement),
  };
}

function announced(advertisement: Advertisement): Pick<VipRow, "state" | "message"> {
  const { holder, holders = [], conditions } = advertisement.status;
  const conflict = conditions.find(({ type, status }) => type === "Conflict" && status === "True");
  if (conflict !== undefined) return { state: "conflict", message: conflict.message };
  if (holder !== "" || holders.length > 0) return { state: "announced", message: remark(advertisement) };
  const said = conditions.find(({ type, status }) => type === "Announced" && status === "False");
  return {
    state: "pending",
    message: said === undefined ? "no agent has reported on it yet" : `${said.reason}: ${said.message}`,
  };
}

/** What is not as it is wanted of an address that is announced. */
function remark(advertisement: Advertisement): string {
  const { node, announcement, announcers = [], status } = advertisement;
  const { arp, bgp } = announcement;
  const { holder, holders = [], conditions } = status;
  const inOneWay = arp !== undefined && bgp !== undefined && (holder === "" || holders.length === 0);
  if (inOneWay) return conditions.find(({ type }) => type === "Announced")?.message ?? "";
  const silent = holders.length < mostHolders ? announcers.filter((each) => !holders.includes(each)) : [];
  return [
    ...(arp !== undefined && node !== holder ? [elsewhere(node)] : []),
    ...(silent.length > 0 ? [`not by BGP from ${silent.join(", ")} yet`] : []),
  ].join("; ");
}

/** The status names no more. */
const mostHolders = 16;

function elsewhere(node: string): string {
  return node === "" ? "wanted on no node" : `wanted on ${node}`;
}

type Kept = Pick<VipRow, "state" | "message"> & Partial<Pick<VipRow, "since" | "releasedBy">>;

/** An end that has passed is not told; an address whose memory and rest are over is one that nobody had. */
function kept({ released }: Advertisement, reuse: Reuse, nowMs: number): Kept {
  const past = released && pastOf(released, reuse);
  const remembers = past !== undefined && past.rememberedUntilMs > nowMs;
  const rests = past !== undefined && past.restsUntilMs > nowMs;
  if (!remembers && !rests) return { state: "released", message: "nobody holds it" };
  const releasedBy = `${past.released.namespace}/${past.released.name}`;
  const message = [
    ...(remembers ? [`remembered for ${releasedBy} until ${formatTime(past.rememberedUntilMs)}`] : []),
    ...(rests ? [`rests until ${formatTime(past.restsUntilMs)}`] : []),
  ];
  const state = remembers ? "remembered" : "cooling";
  return { state, since: formatTime(past.released.atMs), releasedBy, message: message.join(", ") };
}

function unreadableRow({ metadata, spec }: AdvertisementObject, message: string): VipRow {
  const { name, creationTimestamp: since = "" } = metadata;
  const address = String(spec.address);
  const rest = { pool: spec.pool ?? "", services: [], holder: "", group: "", node: "", protocol: "" };
  return { address, name, ...rest, since, state: "unreadable", message };
}
