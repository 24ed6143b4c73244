import { formatTime } from "../api/condition.ts";
import { type Address, type Family, formatAddress } from "../net/address.ts";

/** Every reason of the Service condition `herald.dev/Allocated`, as `docs/reasons.md` explains them. */
export const allocationReasons = [
  "Allocated",
  "OutsidePool",
  "RequestRefused",
  "Terminating",
  "InvalidRequest",
  "AdoptionRefused",
  "WrongFamily",
  "AddressForbidden",
  "AddressTaken",
  "SharingRefused",
  "AddressReserved",
  "AddressRemembered",
  "AddressCooling",
  "AddressExcluded",
  "AddressOutsidePools",
  "AddressOutsideNamedPools",
  "NoPool",
  "NoAutomaticPool",
  "PoolNotFound",
  "NamespaceNotSelected",
  "ServiceNotSelected",
  "FamilyUnavailable",
  "AggregateWithLocal",
  "PoolPaused",
  "QuotaExceeded",
  "PoolExhausted",
  "Observed",
] as const;

/** One of `allocationReasons`. */
export type AllocationReason = (typeof allocationReasons)[number];

/** Every reason of an IPPool's conditions, as `docs/reasons.md` explains them. */
export const poolReasons = [
  "Valid",
  "Invalid",
  "Overlapping",
  "NoOverlap",
  "OverLimit",
  "WithinLimits",
  "ReservedAddressHeld",
  "NoReservedAddressHeld",
] as const;

/** An expected "no": why a Service does not get what it wants. The message names the pool and the numbers. */
export type Refusal = {
  readonly reason: Exclude<AllocationReason, "Allocated" | "OutsidePool" | "RequestRefused">;
  readonly message: string;
};

/** The refusal of the first check that refuses, in order of precedence; undefined if all agree. */
export function firstRefusal<Args extends readonly unknown[]>(
  checks: readonly ((...args: Args) => Refusal | undefined)[],
  ...args: Args
): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(...args);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** `IPv4` or `IPv6`. */
export function familyName(family: Family): string {
  return `IPv${family}`;
}

/** Nothing new for a Service that is being deleted. */
export function terminating(): Refusal {
  return { reason: "Terminating", message: "the service is being deleted" };
}

/** What is written in the Service is not understood; `message` says where and why. */
export function invalidRequest(message: string): Refusal {
  return { reason: "InvalidRequest", message };
}

/** The Service shows an address that Herald cannot vouch for. */
export function adoptionRefused({ message }: Refusal): Refusal {
  return { reason: "AdoptionRefused", message: `the address that the service shows cannot become its own: ${message}` };
}

/** The Service does not want an address of this family. */
export function wrongFamily(address: Address, wanted: readonly Family[]): Refusal {
  return {
    reason: "WrongFamily",
    message: `${formatAddress(address)} is asked for, but the service has only ${wanted.map(familyName).join(" and ")}`,
  };
}

/** No Service may have it, whatever a pool says; `what` is what it is: `loopback`, `the address of node node2`. */
export function addressForbidden(address: Address, what: string): Refusal {
  return { reason: "AddressForbidden", message: `${formatAddress(address)} is ${what}` };
}

/** Somebody else has it; `owner` is `namespace/name`. */
export function addressTaken(address: Address, owner: string): Refusal {
  return { reason: "AddressTaken", message: `${formatAddress(address)} belongs to ${owner}` };
}

/** Somebody else has it and would share it, but not on these terms; `why` is a sentence about the two. */
export function sharingRefused(address: Address, why: string): Refusal {
  return { reason: "SharingRefused", message: `${formatAddress(address)} cannot be shared: ${why}` };
}

/** A pool keeps it for another Service. */
export function addressReserved(address: Address, pool: string, owner: string): Refusal {
  return { reason: "AddressReserved", message: `${formatAddress(address)} is reserved for ${owner} in pool ${pool}` };
}

/** It is reserved for the very Service, which has another one: nothing moves unasked. */
export function reservedForAsking(address: Address): Refusal {
  const message = `${formatAddress(address)} is reserved for this service, which gets it when it asks for it or is created anew`;
  return { reason: "AddressReserved", message };
}

/** A Service of another namespace had it and may come back. */
export function addressRemembered(address: Address, owner: string, untilMs: number): Refusal {
  const message = `${formatAddress(address)} is remembered for ${owner} until ${formatTime(untilMs)}`;
  return { reason: "AddressRemembered", message };
}

/** It was released a moment ago, and its pool is strict about resting. */
export function addressCooling(address: Address, untilMs: number): Refusal {
  return { reason: "AddressCooling", message: `${formatAddress(address)} rests until ${formatTime(untilMs)}` };
}

/** The pool covers it and does not give it (`exclude`, `skipEnds`, `avoidBuggyIPs`). */
export function addressExcluded(address: Address, pool: string): Refusal {
  return { reason: "AddressExcluded", message: `pool ${pool} excludes ${formatAddress(address)}` };
}

/** No pool covers it, and foreign addresses are not allowed. */
export function addressOutsidePools(address: Address): Refusal {
  return { reason: "AddressOutsidePools", message: `${formatAddress(address)} is in no pool` };
}

/** A pool gives it, but the Service names others. */
export function addressOutsideNamedPools(address: Address, pool: string, named: readonly string[]): Refusal {
  return {
    reason: "AddressOutsideNamedPools",
    message: `${formatAddress(address)} is in pool ${pool}, but the service names pool ${named.join(", ")}`,
  };
}

/** What a pool refuses in general, said of the one address that was asked for. */
export function aboutAddress(address: Address, { reason, message }: Refusal): Refusal {
  return { reason, message: `${formatAddress(address)}: ${message}` };
}

/** There is no valid pool at all. */
export function noPool(): Refusal {
  return { reason: "NoPool", message: "there is no valid pool" };
}

/** The Service names no pool, and none gives by itself. */
export function noAutomaticPool(pools: readonly string[]): Refusal {
  const [only] = pools;
  const subject = pools.length === 1 ? `pool ${only} is not` : `none of the ${pools.length} pools is`;
  return { reason: "NoAutomaticPool", message: `${subject} automatic, so name one` };
}

/** None of the pools that the Service names exists, or none is valid. */
export function poolNotFound(names: readonly string[]): Refusal {
  return { reason: "PoolNotFound", message: `no valid pool is called ${names.join(" or ")}` };
}

/** The pool is not for Services of this namespace. */
export function namespaceNotSelected(pool: string, namespace: string): Refusal {
  return { reason: "NamespaceNotSelected", message: `pool ${pool} does not select namespace ${namespace}` };
}

/** The pool is not for Services with these labels. */
export function serviceNotSelected(pool: string): Refusal {
  return { reason: "ServiceNotSelected", message: `pool ${pool} does not select the service's labels` };
}

/** The pool has no addresses of this family. */
export function familyUnavailable(pool: string, family: Family): Refusal {
  return { reason: "FamilyUnavailable", message: `pool ${pool} has no ${familyName(family)} addresses` };
}

/** The pool announces prefixes of this length, which routers hand to nodes without an endpoint too. */
export function aggregateWithLocal(pool: string, length: number): Refusal {
  const message = `pool ${pool} announces whole /${length}, which would lead traffic of policy Local to nodes without an endpoint`;
  return { reason: "AggregateWithLocal", message };
}

/** The pool gives nothing new for now. */
export function poolPaused(pool: string): Refusal {
  return { reason: "PoolPaused", message: `pool ${pool} is paused` };
}

/** The namespace has as many addresses of the pool as it may. */
export function quotaExceeded(
  pool: string,
  quota: { readonly namespace: string; held: number; limit: number },
): Refusal {
  const { namespace, held, limit } = quota;
  const message = `pool ${pool}: namespace ${namespace} holds ${held} of at most ${limit} addresses`;
  return { reason: "QuotaExceeded", message };
}

/** Where the addresses of a pool are that it cannot give. */
export type Occupation = {
  readonly total: bigint;
  readonly allocated: number;
  readonly cooling: number;
  readonly reserved: number;
};

/** Nothing is free: `30 of 30 allocated`, then how many rest, are reserved, or are used by the cluster itself. */
export function poolExhausted(pool: string, { total, allocated, cooling, reserved }: Occupation): Refusal {
  const others = total - BigInt(allocated + cooling + reserved);
  const parts = [
    `${allocated} of ${total} allocated`,
    ...(cooling > 0 ? [`${cooling} cooling`] : []),
    ...(reserved > 0 ? [`${reserved} reserved`] : []),
    ...(others > 0n ? [`${others} used by the cluster itself or shown by other services`] : []),
  ];
  return { reason: "PoolExhausted", message: `pool ${pool}: ${parts.join(", ")}` };
}

/** Addresses are only observed, and the Service shows none. */
export function observed(): Refusal {
  return { reason: "Observed", message: "addresses are only observed, and the service shows none" };
}

const namedInMessage = 4;

/** Several refusals of one reason as one; only the first few messages are kept, so that it stays readable. */
export function combinedRefusal(refusals: readonly [Refusal, ...Refusal[]]): Refusal {
  const messages = refusals.slice(0, namedInMessage).map(({ message }) => message);
  const more = refusals.length - messages.length;
  return { reason: refusals[0].reason, message: [...messages, ...(more > 0 ? [`${more} more`] : [])].join("; ") };
}
