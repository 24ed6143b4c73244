/** Why a node cannot announce an address; each is explained in `docs/reasons.md`. */
export const ineligibilityReasons = [
  "NodeGone",
  "NodeExcluded",
  "NodeNotSelected",
  "NetworkUnavailable",
  "Draining",
  "Cordoned",
  "OutOfService",
  "StrictARPOff",
  "AgentUnknown",
  "AgentDead",
  "AgentLeaving",
  "NoInterface",
  "InterfaceDown",
  "NoGroup",
  "NoQuorum",
] as const;

/** One of `ineligibilityReasons`. */
export type IneligibilityReason = (typeof ineligibilityReasons)[number];

/** An expected "no": why a node cannot announce an address. */
export type Ineligible = { readonly reason: IneligibilityReason; readonly message: string };

/** Why an address is placed on no node, or on one that may not hold it; the reasons of the condition `herald.dev/Announced` while it is False. */
export const misplacementReasons = ["NoAgent", "NoEligibleNode", "NoEndpoints"] as const;

/** One of `misplacementReasons`. */
export type MisplacementReason = (typeof misplacementReasons)[number];

/** Why an address is on no node that can announce it. */
export type Misplacement = { readonly reason: MisplacementReason; readonly message: string };
