import { type Candidate, eligibility } from "./eligibility.ts";
import { endpointRank } from "./endpoint-rank.ts";
import { type Company, candidateNamed, type Field, type Fit, type Placeable, rankOn } from "./field.ts";
import { votes } from "./group-facts.ts";
import type { IneligibilityReason } from "./reason.ts";

/** What bars a member from an address by the controller's word; whether its agent lives and hears the others, the votes tell. */
const barring: ReadonlySet<IneligibilityReason> = new Set([
  "NodeGone",
  "NodeExcluded",
  "NodeNotSelected",
  "OutOfService",
  "StrictARPOff",
  "NoInterface",
]);

/** What keeps an address away from a node only while there is another for it. */
export const yielding: ReadonlySet<IneligibilityReason> = new Set(["NetworkUnavailable", "Draining", "Cordoned"]);

/** The members of a group that may hold an address, in the group's order: first those, and then those if there is nobody else. */
type Tiers = { readonly open: readonly string[]; readonly last: readonly string[] };

/**
 * The members of the group of `fit` that may hold the address; undefined: every one. While none of them is known to vote it
 * stays as it is, and a node that does not vote holds alone what it has, for it asks nobody. Under policy Local they are those with the best endpoints; without any endpoint nobody, once
 * there has been a ready one, and everybody before that.
 */
export function candidatesFor(placeable: Placeable, fit: Fit, field: Field): readonly string[] | undefined {
  const group = field.groupNamed.get(fit.group);
  if (group === undefined) return undefined;
  const company = field.companyOf(group);
  if (!company.votes) return fit.group === placeable.group ? placeable.candidates : undefined;
  const own = candidateNamed(fit.node, field)?.vipNode;
  if (own !== undefined && !votes(own)) return [fit.node];
  const tiers = tiersOf(placeable, company);
  const names = placeable.trafficPolicy === "Local" ? withEndpoints(tiers, placeable, field) : membersOf(tiers);
  return names.length === group.members.length ? undefined : names;
}

function membersOf({ open, last }: Tiers): readonly string[] {
  return open.length > 0 ? open : last;
}

function withEndpoints(tiers: Tiers, placeable: Placeable, field: Field): readonly string[] {
  for (const names of [tiers.open, tiers.last]) {
    const best = Math.min(endpointRank.none, ...names.map((name) => rankOn(name, placeable, field)));
    if (best < endpointRank.none) return names.filter((name) => rankOn(name, placeable, field) === best);
  }
  return placeable.readySeen ? [] : membersOf(tiers);
}

const known = new WeakMap<Placeable, { readonly company: Company; readonly tiers: Tiers }>();

/** Remembered while the members are the very same. */
function tiersOf(placeable: Placeable, company: Company): Tiers {
  const before = known.get(placeable);
  if (before?.company === company) return before.tiers;
  const tiers = sorted(placeable, company);
  known.set(placeable, { company, tiers });
  return tiers;
}

function sorted(placeable: Placeable, { group: { members: names }, members }: Company): Tiers {
  const words = members.map((member) => wordOn(member, placeable));
  const open = names.filter((_, i) => words[i] === "may" || words[i] === "votes decide");
  const last = names.filter((_, i) => words[i] !== "may not");
  return { open: words.includes("may") ? open : last, last };
}

/** The controller's word on a member. */
type Word = "may" | "votes decide" | "if nobody else" | "may not";

function wordOn(candidate: Candidate | undefined, placeable: Placeable): Word {
  if (candidate === undefined || !votes(candidate.vipNode)) return "may not";
  const eligible = eligibility(candidate, placeable);
  if (!("reason" in eligible)) return "may";
  if (barring.has(eligible.reason)) return "may not";
  return yielding.has(eligible.reason) ? "if nobody else" : "votes decide";
}
