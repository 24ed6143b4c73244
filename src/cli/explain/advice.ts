import type { AllocationReason } from "../../ipam/refusal.ts";

/** What to do about a reason, in a line, and where to read more. */
export type Advice = { readonly reason: string; readonly section: string; readonly whatToDo: string };

const nothing = "nothing";

/** In short what `docs/reasons.md` says at length. */
const allocationAdvice: Readonly<Record<AllocationReason, string>> = {
  Allocated: nothing,
  OutsidePool: "nothing, it keeps the address; to move it, ask for another pool or address by annotation",
  RequestRefused: "change the request, or remove what is in its way: then it moves",
  Terminating: nothing,
  InvalidRequest: "correct what the message names",
  AdoptionRefused: "make a pool that covers the address, or ask for another one with annotation herald.dev/addresses",
  WrongFamily: "ask for an address of the right family, or change ipFamilyPolicy",
  AddressForbidden: "ask for another address",
  AddressTaken: "ask for another address, or wait until it is free",
  SharingRefused: "make the Services' keys, namespaces, ports, policy and selector fit, or ask for another address",
  AddressReserved: "ask for another address, or change the pool's spec.reservations",
  AddressRemembered: "ask for another address, or wait until it is forgotten",
  AddressCooling: "ask for another address, or wait until it has rested",
  AddressExcluded: "ask for another address, or change the pool",
  AddressOutsidePools: "add the address to a pool, or ask for another one",
  AddressOutsideNamedPools: "remove the annotation for the pool or the one for the address",
  NoPool: "create an IPPool; `herald pools` shows why one is not valid",
  NoAutomaticPool: "name a pool with annotation herald.dev/pool, or make one automatic",
  PoolNotFound: "correct annotation herald.dev/pool, or create the pool",
  NamespaceNotSelected: "name another pool, or change the pool's spec.services",
  ServiceNotSelected: "label the Service, or change the pool's spec.services",
  FamilyUnavailable: "add addresses of that family to the pool, or change ipFamilyPolicy",
  AggregateWithLocal: "take externalTrafficPolicy Cluster, or name a pool without announcement.bgp.aggregate",
  PoolPaused: "wait until the pool gives again, or name another pool",
  QuotaExceeded: "delete a Service of the namespace, raise the pool's spec.limits, or name another pool",
  PoolExhausted: "add addresses to the pool, or delete Services: the oldest that waits gets what is freed",
  Observed: "nothing; start the controller without --observe to have addresses given",
};

/** Reasons that the controller writes over those of the planner, because of what others do to the Service. */
const otherAdvice: Readonly<Record<string, string>> = {
  FieldContested: "find the other writer of the field that the message names",
  OtherController:
    "stop the other controller that the message names, or give the Service to one of the two by its class",
};

/** The advice while the controller has not written what is planned; `reason` is that of the plan. */
export function pendingAdvice(reason: string): Advice {
  const whatToDo = "see that the controller runs, and with which options";
  return { reason, section: "docs/cli.md#the-controllers-options", whatToDo };
}

/** The advice for a reason of a Service's condition; one that is not known here is left to the documentation. */
export function adviceFor(reason: string): Advice {
  const known: Readonly<Record<string, string>> = { ...allocationAdvice, ...otherAdvice };
  const whatToDo = known[reason] ?? "see there";
  return { reason, section: `docs/reasons.md#${reason.toLowerCase()}`, whatToDo };
}
