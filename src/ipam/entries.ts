import { defaultAnnouncement } from "../api/announcement.ts";
import type { Service } from "../api/service.ts";
import type { Advertisement, Member, Released } from "../api/vip-advertisement.ts";
import { type Address, addressKey } from "../net/address.ts";
import { announcementFor } from "./announcing.ts";
import type { LedgerSpec, LedgerWrite, ReleaseReason } from "./change.ts";
import type { Draft, Entry, Grant } from "./draft.ts";
import { advertisementOf } from "./ledger.ts";
import { countGiven } from "./quota.ts";
import { keepsPast, reuseOf } from "./reuse.ts";

/** Gives the granted addresses to the Service, alone or with those who hold them already; one that holds it joins anew. */
export function joinAll(draft: Draft, service: Service, grants: readonly Grant[]): void {
  for (const grant of grants) {
    const entry = entryOf(draft, grant.address);
    const { released: _, ...spec } = entry.spec;
    const others = spec.services.filter(({ uid }) => uid !== service.uid);
    const member = entry.before === undefined ? memberOf(service) : joinedNow(draft, service);
    if (others.length > 0) entry.spec = { ...spec, services: [...others, member] };
    else entry.spec = firstSpec(service, member, grant);
    entry.joined.push(service);
    if (service.terms !== undefined) noteIn(draft.keyed, service.terms.key, grant.address);
    if (spec.services.length === 0 && draft.quotas !== undefined) countGiven(draft.quotas, entry);
  }
}

function noteIn(lists: Map<string, Address[]>, key: string, address: Address): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [address]);
  else known.push(address);
}

function firstSpec(service: Service, member: Member, { address, pool }: Grant): LedgerSpec {
  return {
    address,
    pool: pool?.name ?? "",
    services: [member],
    trafficPolicy: service.trafficPolicy,
    announcement: announcementFor(service, pool).announcement,
  };
}

/** What an advertisement says of a Service that holds its address. */
export function memberOf({ namespace, name, uid, terms }: Service): Member {
  return terms === undefined ? { namespace, name, uid } : { namespace, name, uid, terms };
}

/** An object that was there before says nothing of when this Service came. */
function joinedNow({ snapshot }: Draft, service: Service): Member {
  return { ...memberOf(service), sinceMs: wholeSeconds(snapshot.nowMs) };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** Takes the address from a Service. The last one that leaves is remembered, if the pool does that and he had it of right. */
export function leave(draft: Draft, { address }: Advertisement, uid: string, reason: ReleaseReason): void {
  const entry = entryOf(draft, address);
  const member = entry.spec.services.find((each) => each.uid === uid);
  if (member === undefined) return;
  const before = entry.spec;
  const services = before.services.filter((each) => each !== member);
  entry.left.push({ member, reason });
  draft.departures += 1;
  entry.spec = { ...before, services };
  if (services.length === 0) {
    draft.freed.push(address);
    noteIn(draft.freedBy, `${member.namespace}/${member.name}`, address);
    const conflict = reason === "AddressInUse" ? draft.snapshot.conflicts?.get(addressKey(address)) : undefined;
    if (conflict !== undefined || isRemembered(draft, before, reason))
      entry.spec = { ...entry.spec, released: releasedNow(draft, member, conflict) };
  }
}

function isRemembered(draft: Draft, { pool }: LedgerSpec, reason: ReleaseReason): boolean {
  return reason !== "Surplus" && keepsPast(reuseOf(draft.poolNamed, pool));
}

function releasedNow({ snapshot }: Draft, { namespace, name, uid }: Member, conflict: string | undefined): Released {
  return { namespace, name, uid, atMs: wholeSeconds(snapshot.nowMs), ...(conflict && { conflict }) };
}

/** Brings up to date what the ledger says of an address that is kept. */
export function revise(draft: Draft, { address }: Advertisement, spec: Partial<LedgerSpec>): void {
  const entry = entryOf(draft, address);
  entry.spec = { ...entry.spec, ...spec };
  for (const { terms } of spec.services ?? []) if (terms !== undefined) noteIn(draft.keyed, terms.key, address);
}

function entryOf(draft: Draft, address: Address): Entry {
  draft.decisions += 1;
  const entries = draft.entries[address.family];
  const known = entries.get(address.value);
  if (known !== undefined) return known;
  const before = advertisementOf(draft.ledger, address);
  const entry: Entry = { before, spec: before === undefined ? unheld(address) : specOf(before), joined: [], left: [] };
  entries.set(address.value, entry);
  return entry;
}

function unheld(address: Address): LedgerSpec {
  return { address, pool: "", services: [], trafficPolicy: "Cluster", announcement: defaultAnnouncement };
}

function specOf({ address, pool, services, released, trafficPolicy, announcement }: Advertisement): LedgerSpec {
  return { address, pool, services, trafficPolicy, announcement, ...(released && { released }) };
}

/** The writes that were decided, those of each family in the order in which they were. */
export function writesOf({ entries }: Draft): readonly LedgerWrite[] {
  return [...entries[4].values(), ...entries[6].values()].map(({ before, spec, joined, left }) => ({
    kind: "write",
    ...(before && { before }),
    spec,
    joined,
    left,
  }));
}
