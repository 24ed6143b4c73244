import { formatTime } from "../../api/condition.ts";
import type { SharingTerms } from "../../api/sharing.ts";
import type { Advertisement, Member } from "../../api/vip-advertisement.ts";
import {
  type AddressExplanation,
  type CoveringPool,
  explainAddress,
  type Suitor,
} from "../../ipam/address-explanation.ts";
import { heldSinceMs } from "../../ipam/explanation.ts";
import type { Past } from "../../ipam/reuse.ts";
import type { Snapshot } from "../../ipam/snapshot.ts";
import { type Address, formatAddress, sameAddress } from "../../net/address.ts";
import type { RouteRow } from "../bgp/route-row.ts";
import type { Ownership } from "./ownership.ts";
import { type Said, type Situation, timeText, type Unreadable, unreadable } from "./report.ts";

/** Everything that `herald explain address` says; also what `-o json` prints. Times are RFC 3339. */
export type AddressReport = {
  readonly kind: "Address";
  readonly address: string;
  /** In a sentence, the answer to: who may have it? */
  readonly summary: string;
  /** What it is, if no Service may ever have it. */
  readonly never?: string;
  /** In order of choice. */
  readonly pools: readonly PoolCover[];
  /** Several share it, in the order of joining. */
  readonly heldBy: readonly Holder[];
  /** Only while nobody holds it. */
  readonly released?: Remembered;
  readonly announcement?: Announcement;
  /** Who votes on it; only while a Service holds it. */
  readonly ownership?: Ownership;
  /** What each node tells which router of it, and why not; only while it is announced by BGP. */
  readonly routes?: readonly RouteRow[];
  readonly suitors: readonly SuitorRow[];
  readonly unreadable: readonly Unreadable[];
};

/** A pool that covers the address. */
export type PoolCover = {
  readonly pool: string;
  readonly gives: boolean;
  /** What it is, and the settings by which the pool does not give it, or not now, or not to everybody. */
  readonly remarks: readonly string[];
  readonly reservedFor?: string;
};

/** A Service that holds the address. */
export type Holder = { readonly service: string; readonly since: string; readonly terms?: SharingTerms };

/** Who had the address last; an `until` that is over, or is none, is absent. */
export type Remembered = {
  readonly service: string;
  readonly at: string;
  readonly rememberedUntil?: string;
  readonly coolingUntil?: string;
};

/** Who answers for the address: where it is placed, and what came of that. */
export type Announcement = {
  readonly group: string;
  readonly node: string;
  /** On the LAN, or one of those that announce it by BGP alone. */
  readonly holder: string;
  /** The nodes that announce it by BGP; absent: it is not announced by BGP. */
  readonly holders?: readonly string[];
  /** The nodes that shall; absent: every eligible one. */
  readonly announcers?: readonly string[];
  readonly protocol: string;
  readonly conditions: readonly (Said & { readonly type: string; readonly since: string })[];
  /** Newest last. */
  readonly history: readonly { readonly time: string; readonly node: string }[];
};

/** A Service that has to do with the address and does not hold it. */
export type SuitorRow = {
  readonly service: string;
  readonly because: string;
  /** What Herald tells it; empty: Herald does not look after it. */
  readonly answer: string;
};

/** The report on an address of the cluster. */
export function addressReport(address: Address, situation: Situation): AddressReport {
  const { now, settled } = situation;
  const explanation = explainAddress(address, settled);
  const { never, pools, past, suitors } = explanation;
  const advertisement = now.advertisements.find((each) => sameAddress(each.address, address));
  const released = past && rememberedOf(past, now.nowMs);
  return {
    kind: "Address",
    address: formatAddress(address),
    summary: summaryOf(explanation, now),
    ...(never !== undefined && { never }),
    pools: pools.map((each) => poolCover(each, explanation, now.nowMs)),
    heldBy: (advertisement?.services ?? []).map((each) => holderOf(each, advertisement, situation)),
    ...(released && { released }),
    ...(advertisement && advertisement.services.length > 0 && { announcement: announcementOf(advertisement) }),
    suitors: suitors.map(suitorRow),
    unreadable: [...unreadable(situation, "IPPool"), ...unreadable(situation, "VIPAdvertisement")],
  };
}

function summaryOf(explanation: AddressExplanation, { options, nowMs }: Snapshot): string {
  const { advertisement, never } = explanation;
  const holders = (advertisement?.services ?? []).map(keyOf);
  if (holders.length > 0) return `held by ${holders.join(", ")}${never === undefined ? "" : `, though it is ${never}`}`;
  if (never !== undefined) return `never given: it is ${never}`;
  return impediment(explanation, options.allowForeignAddresses, nowMs) ?? freeSummary(explanation);
}

/** Why nobody gets an address that nobody holds, or nobody for now. */
function impediment({ pools, past, suitors }: AddressExplanation, foreign: boolean, nowMs: number): string | undefined {
  if (pools.length === 0) return foreign ? undefined : "never given: it is in no pool";
  const names = (some: readonly CoveringPool[]): string => some.map(({ pool }) => `pool ${pool.name}`).join(", ");
  const giving = pools.filter(({ excluded }) => excluded === undefined);
  if (giving.length === 0) return `never given: ${names(pools)} excludes it`;
  const showing = suitors.find(({ because }) => because === "shows it in its status");
  if (showing !== undefined) return `held by nobody, but ${showing.service.key} shows it, and nobody else gets it`;
  if (giving.every(({ pool }) => pool.paused)) return `not given for now: ${names(giving)} is paused`;
  if (!mustRest(past, nowMs)) return undefined;
  const { released, restsUntilMs } = past;
  return `not given to others before ${formatTime(restsUntilMs)}: ${keyOf(released)} had it last, and it rests`;
}

function mustRest(past: Past | undefined, nowMs: number): past is Past {
  return past?.strict === true && past.restsUntilMs > nowMs;
}

function freeSummary({ pools, past }: AddressExplanation): string {
  if (pools.length === 0) return "in no pool, given to whoever asks for it";
  const owner = pools.find(({ excluded, reservedFor }) => !excluded && reservedFor !== undefined)?.reservedFor;
  if (owner !== undefined) return `free, and reserved for ${owner}`;
  return past === undefined ? "free" : `free, and ${keyOf(past.released)} had it last`;
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function poolCover(
  { pool, excluded, reservedFor }: CoveringPool,
  { never, past }: AddressExplanation,
  nowMs: number,
): PoolCover {
  const rests = mustRest(past, nowMs);
  const remarks = [
    ...(never === undefined ? [] : [`it is ${never}`]),
    ...(excluded === undefined ? [] : [`excluded by ${excluded}`]),
    ...(pool.paused ? ["paused"] : []),
    ...(rests ? [`to ${keyOf(past.released)} only before ${formatTime(past.restsUntilMs)}`] : []),
    ...(pool.automatic ? [] : ["not automatic"]),
  ];
  const gives = never === undefined && excluded === undefined && !pool.paused;
  return { pool: pool.name, gives, remarks, ...(reservedFor && { reservedFor }) };
}

function holderOf(member: Member, advertisement: Advertisement | undefined, { now }: Situation): Holder {
  const service = now.services.find(({ uid }) => uid === member.uid);
  const since = advertisement === undefined ? "" : timeText(heldSinceMs(advertisement, service));
  return { service: keyOf(member), since, ...(member.terms && { terms: member.terms }) };
}

function rememberedOf(past: NonNullable<AddressExplanation["past"]>, nowMs: number): Remembered {
  const { released, rememberedUntilMs, restsUntilMs } = past;
  return {
    service: keyOf(released),
    at: formatTime(released.atMs),
    ...(rememberedUntilMs > nowMs && { rememberedUntil: formatTime(rememberedUntilMs) }),
    ...(restsUntilMs > nowMs && { coolingUntil: formatTime(restsUntilMs) }),
  };
}

function announcementOf({ group, node, announcers, announcement, status }: Advertisement): Announcement {
  const { holder, holders = [], protocol, history, conditions } = status;
  const routed = announcement.bgp !== undefined;
  const said = conditions
    .filter(({ type }) => type !== "Ready")
    .map((each) => ({
      type: each.type,
      status: each.status,
      reason: each.reason,
      message: each.message,
      since: each.lastTransitionTime,
    }));
  return {
    ...{ group, node, holder, protocol, conditions: said, history },
    ...(routed && { holders }),
    ...(routed && announcers && { announcers }),
  };
}

function suitorRow({ service, because, outcome }: Suitor): SuitorRow {
  const told = outcome?.allocated;
  return { service: service.key, because, answer: told === undefined ? "" : `${told.reason}: ${told.message}` };
}
