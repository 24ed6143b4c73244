import type { Condition } from "../../../src/api/condition.ts";
import { type Pool, type PoolObject as PoolManifest, parsePool } from "../../../src/api/ip-pool.ts";
import { allocationReasons } from "../../../src/ipam/refusal.ts";
import { parseAddress } from "../../../src/net/address.ts";
import { rangeContains } from "../../../src/net/range.ts";
import { keyOf, type ServiceObject } from "../api/object.ts";
import { isHandled, shownAnnotation, shownIngress } from "./demand.ts";
import { type Facts, membersOf } from "./facts.ts";
import type { CalmInvariant } from "./invariant.ts";

const allocated = "herald.dev/Allocated";

/** The planner's reasons, and the one that writing has: others change the field back. */
const knownReasons = new Set<string>([...allocationReasons, "FieldContested"]);

function conditionOf({ status }: ServiceObject, type: string): Condition | undefined {
  return (status?.conditions ?? []).find((each) => each.type === type);
}

function heldBy(facts: Facts): ReadonlyMap<string, readonly string[]> {
  const held = new Map<string, string[]>();
  for (const vip of facts.ledger())
    for (const { uid } of membersOf(vip)) held.set(uid, [...(held.get(uid) ?? []), vip.spec.address]);
  return held;
}

/** Handled Services that are not on their way out, with what is wrong with each. */
function ofHandled(
  facts: Facts,
  wrong: (service: ServiceObject, held: readonly string[]) => string | undefined,
): readonly string[] {
  const held = heldBy(facts);
  return [...facts.services()].filter(isHandled).flatMap((service) => {
    const message = wrong(service, held.get(service.metadata.uid) ?? []);
    return message === undefined ? [] : [`${keyOf(service.metadata)} ${message}`];
  });
}

/** Allocated is True for who has an address, else False for a reason that is documented. */
function untold(facts: Facts): readonly string[] {
  return ofHandled(facts, (service, held) => {
    const condition = conditionOf(service, allocated);
    if (condition === undefined) return `has no condition ${allocated}`;
    const status = held.length > 0 ? "True" : "False";
    if (condition.status !== status && !isHalf(service, held))
      return `holds ${held.length} and Allocated is ${condition.status}`;
    const known = knownReasons.has(condition.reason);
    return known ? undefined : `gives the reason ${condition.reason}, which nobody documents`;
  });
}

/** Whether it insists on two families and has only one, which it had before it did: not all that it wants, and not nothing. */
function isHalf({ spec }: ServiceObject, held: readonly string[]): boolean {
  return spec.ipFamilyPolicy === "RequireDualStack" && new Set(held.map((each) => each.includes(":"))).size === 1;
}

/** Every condition is about the Service as it is. */
function outdated(facts: Facts): readonly string[] {
  return ofHandled(facts, ({ metadata, status }) => {
    const old = (status?.conditions ?? []).find(
      ({ observedGeneration }) => observedGeneration !== undefined && observedGeneration !== metadata.generation,
    );
    return old && `has generation ${metadata.generation}, and condition ${old.type} of ${old.observedGeneration}`;
  });
}

/** Who has addresses shows them, in both places. */
function unshown(facts: Facts): readonly string[] {
  return ofHandled(facts, (service, held) => {
    if (conditionOf(service, allocated)?.reason === "AdoptionRefused" || facts.isContested(service)) return undefined;
    const has = held.toSorted().join();
    const annotated = shownAnnotation(service).toSorted().join();
    const ingress = shownIngress(service).toSorted().join();
    return has === annotated && has === ingress
      ? undefined
      : `holds ${has || "nothing"}, its annotation says ${annotated || "nothing"}, its ingress ${ingress || "nothing"}`;
  });
}

/** No two Services show one address, unless they share it. */
function shownTwice(facts: Facts): readonly string[] {
  const shownBy = new Map<string, ServiceObject>();
  return [...facts.services()].flatMap((service) =>
    shownIngress(service).flatMap((address) => {
      const other = shownBy.get(address);
      shownBy.set(address, service);
      if (other === undefined || [other, service].every(({ metadata }) => facts.holds(metadata.uid, address)))
        return [];
      return [`${keyOf(other.metadata)} and ${keyOf(service.metadata)} both show ${address}`];
    }),
  );
}

/** A Service that Herald is not to serve has nothing of Herald's. */
function remains(facts: Facts): readonly string[] {
  return [...facts.services()]
    .filter((service) => !isHandled(service))
    .filter((service) => shownAnnotation(service).length > 0 || conditionOf(service, allocated) !== undefined)
    .map(({ metadata }) => `${keyOf(metadata)} is not served and still shows what it had`);
}

/** Every member of an address is a Service that wants it, or that is being deleted. */
function orphans(facts: Facts): readonly string[] {
  return [...facts.ledger()].flatMap((vip) =>
    membersOf(vip)
      .filter(({ namespace, name, uid }) => {
        const service = facts.service(namespace, name);
        return service?.metadata.uid !== uid || !isHandled(service);
      })
      .map((member) => `${vip.spec.address} still belongs to ${keyOf(member)}`),
  );
}

/** An address that nobody holds is remembered for somebody, or gone. */
function empty(facts: Facts): readonly string[] {
  return [...facts.ledger()]
    .filter(({ spec }) => (spec.services ?? []).length === 0 && spec.released === undefined)
    .map(({ spec }) => `${spec.address} belongs to nobody and is remembered for nobody`);
}

/** A pool's status counts the addresses of its own that somebody holds. */
function miscounted(facts: Facts): readonly string[] {
  const held = [...facts.ledger()].filter((vip) => membersOf(vip).length > 0);
  return [...facts.pools()].flatMap((pool) => {
    const { addresses = {} } = (pool.status ?? {}) as { addresses?: Record<string, { allocated?: number }> };
    const told = (addresses.ipv4?.allocated ?? 0) + (addresses.ipv6?.allocated ?? 0);
    const parsed = parsePool(pool as unknown as PoolManifest);
    if ("problems" in parsed) return [];
    const counted = held.filter(({ spec }) => gives(parsed.value, spec.address)).length;
    return told === counted
      ? []
      : [`pool ${pool.metadata.name} says that ${told} are allocated, the ledger ${counted}`];
  });
}

function gives({ ranges }: Pool, text: string): boolean {
  const address = parseAddress(text);
  return address !== undefined && ranges.some((range) => rangeContains(range, address));
}

/** What must hold once nobody changes anything, everything works, and the controllers have come to rest. */
export const calmInvariants: readonly CalmInvariant[] = [
  { name: "every Service is told what it has, or why it has nothing", broken: untold },
  { name: "conditions are about the present generation", broken: outdated },
  { name: "every Service shows what it holds", broken: unshown },
  { name: "no two Services show one address", broken: shownTwice },
  { name: "nothing remains on Services that are not served", broken: remains },
  { name: "every address belongs to a Service that wants it", broken: orphans },
  { name: "no address lies about without owner or memory", broken: empty },
  { name: "pools count what is allocated", broken: miscounted },
];
