import { type Pool, type PoolObject as PoolManifest, parsePool } from "../../../src/api/ip-pool.ts";
import { parseAddress } from "../../../src/net/address.ts";
import { rangeContains } from "../../../src/net/range.ts";
import { keyOf, type LedgerObject, type PoolObject, type ServiceObject } from "../api/object.ts";
import { epochMs } from "../world/process.ts";
import { asksOf, isHandled } from "./demand.ts";
import { type Facts, longestLagMs, membersOf, vipName } from "./facts.ts";
import type { Invariant, LedgerWrite } from "./invariant.ts";

/** What a pool remembers and cools for, in ms. */
type Reuse = { readonly rememberMs: number; readonly coolMs: number };

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };

function reuseOf({ spec }: PoolObject): Reuse {
  const { rememberFor = "24h", coolDownFor = "5m" } = spec.reuse ?? {};
  return { rememberMs: milliseconds(rememberFor), coolMs: milliseconds(coolDownFor) };
}

function milliseconds(text: string): number {
  const parts = [...text.matchAll(/([0-9.]+)([hms])/g)];
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0);
}

/** The pool of an address, if nobody has changed it for so long that every controller knows it as it is. */
function knownPool(vip: LedgerObject | undefined, facts: Facts): PoolObject | undefined {
  const name = vip?.spec.pool ?? "";
  return facts.unchangedMs(`ippools/${name}`) < longestLagMs ? undefined : facts.pool(name);
}

function parsed(pool: PoolObject): Pool | undefined {
  const result = parsePool(pool as unknown as PoolManifest);
  return "value" in result ? result.value : undefined;
}

function gives(pool: PoolObject, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && parsed(pool)?.ranges.some((range) => rangeContains(range, address)) === true;
}

/** Whether an address is still remembered for whom had it last, or cools. */
function ageMs({ spec }: LedgerObject, facts: Facts): number {
  return epochMs + facts.nowMs - Date.parse(spec.released?.at ?? "");
}

/** Whoever leaves an address because it is gone is remembered by the very write that takes it off. */
function unremembered({ before, after }: LedgerWrite, facts: Facts): string | undefined {
  const pool = knownPool(before, facts);
  const members = membersOf(before);
  if (pool === undefined || after === undefined || members.length === 0 || membersOf(after).length > 0)
    return undefined;
  const { rememberMs, coolMs } = reuseOf(pool);
  const gone = members.every(({ namespace, name, uid }) => facts.service(namespace, name)?.metadata.uid !== uid);
  if (!gone || rememberMs + coolMs === 0 || after.spec.released !== undefined) return undefined;
  return `${after.spec.address} is released, and nobody is remembered`;
}

/** What is remembered is forgotten only once its time is over. */
function forgottenEarly({ before, after }: LedgerWrite, facts: Facts): string | undefined {
  const pool = knownPool(before, facts);
  if (after !== undefined || before?.spec.released === undefined || pool === undefined) return undefined;
  if (facts.wallWasWrong || !gives(pool, before.spec.address)) return undefined;
  const { rememberMs, coolMs } = reuseOf(pool);
  const leftMs = Math.max(rememberMs, coolMs) - ageMs(before, facts);
  return leftMs > 1_000 ? `${before.spec.address} is forgotten ${Math.round(leftMs / 1000)} s early` : undefined;
}

/** What is remembered for one Service is given to no other that did not ask for it, while other addresses are free. */
function givenToOther({ before, after }: LedgerWrite, facts: Facts): string | undefined {
  const [member] = membersOf(after);
  const released = before?.spec.released;
  const pool = knownPool(before, facts);
  if (before === undefined || member === undefined || released === undefined || pool === undefined) return undefined;
  if (keyOf(member) === keyOf(released) || facts.wallWasWrong || !facts.variant.election) return undefined;
  const service = facts.service(member.namespace, member.name);
  if (ageMs(before, facts) > reuseOf(pool).rememberMs - 1_000 || service === undefined || asks(service))
    return undefined;
  const free = freeAddresses(pool, before.spec.address, facts);
  if (free.length <= waiting(facts)) return undefined;
  return `${before.spec.address}, remembered for ${keyOf(released)}, given to ${keyOf(member)}; free: ${free}`;
}

/** How many addresses Services lack: what is free may be on its way to them. */
function waiting(facts: Facts): number {
  const holders = [...facts.ledger()].flatMap((vip) => membersOf(vip).map(({ uid }) => uid));
  const held = Map.groupBy(holders, (uid) => uid);
  return [...facts.services()].filter(isHandled).reduce((sum, { metadata, spec }) => {
    const wanted = spec.ipFamilyPolicy === "SingleStack" ? 1 : (spec.ipFamilies ?? []).length;
    return sum + Math.max(0, wanted - (held.get(metadata.uid)?.length ?? 0));
  }, 0);
}

/** Addresses of the pool and of the same family that nobody has had for long, that are nobody's, and that nobody asks for. */
function freeAddresses(pool: PoolObject, like: string, facts: Facts): readonly string[] {
  const reserved = new Set((pool.spec.reservations ?? []).map(({ address }) => address));
  return neighbours(like).filter(
    (text) =>
      gives(pool, text) &&
      !reserved.has(text) &&
      ![...facts.services()].some((service) => isHandled(service) && asksOf(service).includes(`"${text}`)) &&
      facts.vip(text) === undefined &&
      facts.unchangedMs(`vipadvertisements/${vipName(text)}`) > longestLagMs,
  );
}

/** The addresses that differ in the last digit: pools are no larger here. */
function neighbours(like: string): readonly string[] {
  return Array.from({ length: 10 }, (_, digit) => like.replace(/.$/, String(digit)));
}

function asks(service: ServiceObject): boolean {
  const { annotations = {} } = service.metadata;
  const named = Object.keys(annotations).some((key) => key !== "herald.dev/allocated");
  const { loadBalancerIP = "" } = service.spec;
  return named || (loadBalancerIP !== "" && asksOf(service).includes(loadBalancerIP));
}

/** Whom an address is reserved for: a reservation comes before memory. */
function ownerOf({ spec: { address } }: LedgerObject, facts: Facts): string | undefined {
  const reservations = [...facts.pools()].flatMap(({ spec }) => spec.reservations ?? []);
  const found = reservations.find((each) => each.address === address);
  return found && keyOf(found);
}

/** A Service that comes back while its address is remembered gets that one, unless others wait who may be given it as the last. */
function notReturned({ before, after }: LedgerWrite, facts: Facts): string | undefined {
  const [member] = membersOf(after);
  const pool = knownPool(after, facts);
  if (after === undefined || member === undefined || membersOf(before).length > 0 || pool === undefined)
    return undefined;
  const service = facts.service(member.namespace, member.name);
  if (facts.wallWasWrong || !facts.variant.election || service === undefined || asks(service)) return undefined;
  if (waiting(facts) > 0 || ownerOf(after, facts) === keyOf(member)) return undefined;
  const six = after.spec.address.includes(":");
  const own = [...facts.ledger()].find(
    (vip) =>
      vip.spec.released !== undefined &&
      keyOf(vip.spec.released) === keyOf(member) &&
      [undefined, keyOf(member)].includes(ownerOf(vip, facts)) &&
      vip.spec.pool === after.spec.pool &&
      vip.spec.address.includes(":") === six &&
      ageMs(vip, facts) < reuseOf(pool).rememberMs - 1_000 &&
      gives(pool, vip.spec.address),
  );
  return own && `${keyOf(member)} is given ${after.spec.address}, though ${own.spec.address} is remembered for it`;
}

/** What must hold of every write to the ledger while addresses are remembered. */
export const memoryInvariants: readonly Invariant<LedgerWrite>[] = [
  { name: "a release is remembered at once", broken: unremembered },
  { name: "memory is kept for its time", broken: forgottenEarly },
  { name: "a remembered address is not given to another", broken: givenToOther },
  { name: "a Service that returns gets its address back", broken: notReturned },
];
