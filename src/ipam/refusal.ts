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
  "AddressExcluded",
  "AddressOutsidePools",
  "AddressOutsideNamedPools",
  "NoPool",
  "NoAutomaticPool",
  "PoolNotFound",
  "NamespaceNotSelected",
  "ServiceNotSelected",
  "FamilyUnavailable",
  "PoolPaused",
  "PoolExhausted",
] as const;

/** One of `allocationReasons`. */
export type AllocationReason = (typeof allocationReasons)[number];

/** Every reason of an IPPool's conditions, as `docs/reasons.md` explains them. */
export const poolReasons = ["Valid", "Invalid", "Overlapping", "NoOverlap"] as const;

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

/** Somebody else has it; `owner` is `namespace/name`, empty while it is being released. */
export function addressTaken(address: Address, owner: string): Refusal {
  const message =
    owner === "" ? `${formatAddress(address)} is being released` : `${formatAddress(address)} belongs to ${owner}`;
  return { reason: "AddressTaken", message };
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
export function noAutomaticPool(pools: number): Refusal {
  const subject = pools === 1 ? "the only pool is" : `${pools} pools exist, but none is`;
  return { reason: "NoAutomaticPool", message: `${subject}${pools === 1 ? " not" : ""} automatic, so name one` };
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

/** The pool gives nothing new for now. */
export function poolPaused(pool: string): Refusal {
  return { reason: "PoolPaused", message: `pool ${pool} is paused` };
}

/** Nothing is free: `30 of 30 allocated`, and how many addresses the cluster itself uses. */
export function poolExhausted(pool: string, { total, allocated }: { total: bigint; allocated: number }): Refusal {
  const inUse = total - BigInt(allocated);
  const others = inUse > 0n ? `, ${inUse} used by the cluster itself` : "";
  return { reason: "PoolExhausted", message: `pool ${pool}: ${allocated} of ${total} allocated${others}` };
}

const namedInMessage = 4;

/** Several refusals of one reason as one; only the first few messages are kept, so that it stays readable. */
export function combinedRefusal(refusals: readonly [Refusal, ...Refusal[]]): Refusal {
  const messages = refusals.slice(0, namedInMessage).map(({ message }) => message);
  const more = refusals.length - messages.length;
  return { reason: refusals[0].reason, message: [...messages, ...(more > 0 ? [`${more} more`] : [])].join("; ") };
}
