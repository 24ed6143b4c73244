import type { LedgerObject, MemberObject } from "../api/object.ts";
import { keyOf } from "../api/object.ts";
import { type Facts, longestLagMs, membersOf } from "./facts.ts";
import type { Invariant, LedgerWrite } from "./invariant.ts";
import { mayShare } from "./sharing.ts";

/** Members that a write brought, and those that it took away. */
function joined({ before, after }: LedgerWrite): readonly MemberObject[] {
  const known = new Set(membersOf(before).map(({ uid }) => uid));
  return membersOf(after).filter(({ uid }) => !known.has(uid));
}

function left({ before, after }: LedgerWrite): readonly MemberObject[] {
  const known = new Set(membersOf(after).map(({ uid }) => uid));
  return membersOf(before).filter(({ uid }) => !known.has(uid));
}

/** Two Services have one address only if they may share it. */
function twoOwners({ after }: LedgerWrite): string | undefined {
  const members = membersOf(after);
  for (const [i, one] of members.entries()) {
    const other = members.slice(i + 1).find((each) => !mayShare(one, each));
    if (other !== undefined) return `${after?.spec.address}: ${keyOf(one)} and ${keyOf(other)} may not share it`;
  }
  return undefined;
}

/** One address has one object. */
function twoObjects({ after }: LedgerWrite, facts: Facts): string | undefined {
  if (after === undefined) return undefined;
  for (const { spec, metadata } of facts.ledger())
    if (spec.address === after.spec.address && metadata.name !== after.metadata.name)
      return `${spec.address} is in ${metadata.name} and in ${after.metadata.name}`;
  return undefined;
}

/** Only a Service that Herald was to serve ever gets an address. */
function neverHandled(write: LedgerWrite, facts: Facts): string | undefined {
  const stranger = joined(write).find(({ uid }) => !facts.wasHandled(uid));
  return stranger && `${write.after?.spec.address} claimed for ${keyOf(stranger)}, which never asked to be served`;
}

/** What a Service has, names and still wants is not taken from it, unless it was seen not to want it. */
function takenAway(write: LedgerWrite, facts: Facts): string | undefined {
  const address = write.before?.spec.address ?? "";
  for (const member of left(write)) {
    const service = facts.service(member.namespace, member.name);
    if (service?.metadata.uid !== member.uid || !facts.wants(service, address)) continue;
    if (!facts.sawItUnwanting(write.by, service)) return `${address} taken from ${keyOf(member)}, which wants it`;
  }
  return undefined;
}

/** An address that somebody holds is not deleted: it would be anybody's while he still uses it. */
function deletedWhileHeld({ before, after }: LedgerWrite): string | undefined {
  if (after !== undefined || membersOf(before).length === 0) return undefined;
  return `${before?.spec.address} deleted while a Service holds it`;
}

/** Nobody but the Service that it is reserved for gets a reserved address, and whom that one shares it with. */
function reservedTaken(write: LedgerWrite, facts: Facts): string | undefined {
  const address = write.after?.spec.address;
  for (const { metadata, spec } of facts.pools()) {
    const kept = (spec.reservations ?? []).find((each) => each.address === address);
    if (kept === undefined || facts.unchangedMs(`ippools/${metadata.name}`) < longestLagMs) continue;
    if (membersOf(write.after).some((member) => keyOf(member) === keyOf(kept))) continue;
    const other = joined(write).find((member) => keyOf(member) !== keyOf(kept));
    if (other !== undefined) return `${address} given to ${keyOf(other)}, but reserved for ${keyOf(kept)}`;
  }
  return undefined;
}

/** Under one leader no namespace is given more addresses of a pool than its limit. */
function quotaExceeded(write: LedgerWrite, facts: Facts): string | undefined {
  const { after } = write;
  const limit = facts.pool(after?.spec.pool)?.spec.limits?.perNamespace;
  const [first] = membersOf(after);
  if (limit === undefined || first === undefined || after?.spec.pool === undefined) return undefined;
  if (membersOf(write.before).length > 0 || !facts.variant.election) return undefined;
  if (facts.unchangedMs(`ippools/${after.spec.pool}`) < longestLagMs) return undefined;
  const used = [...facts.ledger()].filter((vip) => isOf(vip, after.spec.pool, first.namespace)).length;
  return used > limit
    ? `namespace ${first.namespace} holds ${used} of pool ${after.spec.pool}, limit ${limit}`
    : undefined;
}

function isOf(vip: LedgerObject, pool: string | undefined, namespace: string): boolean {
  return vip.spec.pool === pool && membersOf(vip)[0]?.namespace === namespace;
}

/** What must hold of every write to the ledger. */
export const ledgerInvariants: readonly Invariant<LedgerWrite>[] = [
  { name: "an address belongs to one Service, or to several that may share it", broken: twoOwners },
  { name: "an address has one object", broken: twoObjects },
  { name: "no claim for a Service that was never handled", broken: neverHandled },
  { name: "an address is not taken from a Service that wants it", broken: takenAway },
  { name: "an address is not deleted while somebody holds it", broken: deletedWhileHeld },
  { name: "a reserved address is given to nobody else", broken: reservedTaken },
  { name: "a namespace's limit is kept", broken: quotaExceeded },
];
