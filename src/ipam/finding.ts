import type { Family } from "../net/address.ts";
import { chooseAddresses } from "./choice.ts";
import type { Draft, Grant } from "./draft.ts";
import { joiningGrants } from "./joining.ts";
import type { Choice, Need } from "./need.ts";
import type { Refusal } from "./refusal.ts";
import { returningGrants } from "./returning.ts";

/** What was found, and why it is not what was reserved for the Service, or why nobody shares with it if nothing was found. */
export type Found = Choice & { readonly unavailable?: Refusal };

/** An address of each family: what is kept for the Service, else what others share with it, else one of the pools' choice. */
export function findAddresses(need: Need, draft: Draft): Found {
  const returned = returningGrants(need, draft);
  const joined = joiningGrants(remaining(need, returned.grants), draft);
  const found = [...returned.grants, ...joined.grants];
  const rest = remaining(need, found);
  const chosen: Choice = rest.families.length === 0 ? nothing : chooseAddresses(rest, draft);
  const unavailable = returned.unavailable ?? (chosen.lacking.size > 0 ? joined.unavailable : undefined);
  return {
    grants: [...found, ...chosen.grants],
    lacking: chosen.lacking,
    ...(unavailable && { unavailable }),
  };
}

const nothing: Choice = { grants: [], lacking: new Map<Family, Refusal>() };

/** The need that is left once these grants are given. */
export function remaining(need: Need, grants: readonly Grant[]): Need {
  if (grants.length === 0) return need;
  const has = new Set(grants.map(({ address }) => address.family));
  return {
    ...need,
    families: need.families.filter((family) => !has.has(family)),
    preferred: [...need.preferred, ...grants.flatMap(({ pool }) => pool?.name ?? [])],
    before: [...need.before, ...grants],
  };
}
