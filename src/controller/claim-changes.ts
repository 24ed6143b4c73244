import type { LedgerWrite, Plan } from "../ipam/change.ts";
import { addressName } from "./address-text.ts";
import { advertisementKey } from "./advertisement-changes.ts";
import type { Change, Claim, SeenServices } from "./change.ts";
import type { Placements } from "./placements.ts";
import { type ServiceContext, serviceKey, wantedFields } from "./service-changes.ts";

type ClaimContext = Pick<ServiceContext, "writeLoadBalancerIP" | "contested"> & {
  readonly seen: SeenServices;
  readonly observe: boolean;
};

/**
 * The claims of a plan, each Service's together with the fields that name them. Of several that join one address by the same
 * write the first one writes it; the others' fields, and what else they claim, follow in the next plan.
 */
export function claimChanges(
  { changes, outcomes }: Plan,
  placed: Placements,
  context: ClaimContext,
): readonly Change[] {
  const writes = changes.filter((change) => change.kind === "write");
  const others = new Set(writes.flatMap(({ joined: [, ...followers] }) => followers));
  const byService = Map.groupBy(
    writes.filter(({ joined: [first] }) => first !== undefined && !others.has(first)),
    ({ joined: [first] }) => first,
  );
  return [...byService].flatMap(([service, ofService]): readonly Change[] => {
    if (service === undefined) return [];
    const outcome = outcomes.get(service.key);
    const writesFields = outcome !== undefined && !context.observe;
    return [
      {
        kind: "allocate",
        keys: keysOf(ofService),
        notices: [],
        service,
        claims: ofService.map((write) => claimOf(write, placed)),
        fields: writesFields ? wantedFields(outcome, context).fields : undefined,
        seen: context.seen,
        unverified: outcome?.unverified ?? [],
      },
    ];
  });
}

/** Of all who join by these writes: nothing else is written about them before the claim has been answered. */
function keysOf(writes: readonly LedgerWrite[]): readonly string[] {
  const services = new Set(writes.flatMap(({ joined }) => joined.map(serviceKey)));
  return [...services, ...writes.map(({ spec }) => advertisementKey(addressName(spec.address)))];
}

function claimOf({ before, spec, left }: LedgerWrite, placed: Placements): Claim {
  return { spec: placed.written(spec, before), left, ...(before && { before }) };
}
