import type { PoolObject } from "../api/ip-pool.ts";
import type { Problem } from "../api/problem.ts";
import type { AllocationOptions } from "../ipam/snapshot.ts";
import { formatAddress } from "../net/address.ts";
import { type ClusterObjects, readCluster } from "./cluster-objects.ts";
import { type Fate, type Forecast, forecast, type ServiceForecast } from "./forecast.ts";
import type { PoolForecast } from "./pool-forecast.ts";
import type { FieldOptions } from "./rehearsal.ts";

/** How the controller runs that would carry the edit out. */
export type EditOptions = Omit<AllocationOptions, "clusterFamily"> & FieldOptions;

/**
 * What whoever writes this pool should know before he does: which Services get an address by that or keep what the pool would
 * not give them, which reservations must wait, which limits are exceeded already. `nowMs` is since the epoch.
 */
export function poolEditWarnings(
  objects: ClusterObjects,
  pool: PoolObject,
  { nowMs, ...options }: EditOptions & { readonly nowMs: number },
): readonly Problem[] {
  const others = objects.pools.filter(({ metadata }) => metadata.name !== pool.metadata.name);
  const before = readCluster(objects, options, nowMs).snapshot;
  const after = readCluster({ ...objects, pools: [...others, pool] }, options, nowMs).snapshot;
  return forecastWarnings(forecast(before, after, options), pool.metadata.name);
}

const words: readonly (readonly [fate: Fate, text: string])[] = [
  ["loses", "would lose addresses"],
  ["moves", "would move to other addresses"],
  ["outside", "would keep addresses that they would not be given any more"],
  ["gains", "would get addresses"],
];

/** The warnings of a forecast, those of its pools' conditions for one pool only; each names at most four Services. */
export function forecastWarnings({ services, pools }: Forecast, pool: string): readonly Problem[] {
  const changed = services.filter((each) => each.changed);
  const ofServices = words.flatMap(([fate, text]): readonly Problem[] => {
    const those = changed.filter((each) => each.fate === fate);
    if (those.length === 0) return [];
    const subject = those.length === 1 ? "1 Service" : `${those.length} Services`;
    return [{ path: "spec", message: `${subject} ${text}: ${firstFew(those.map(shown))}` }];
  });
  return [...ofServices, ...pools.filter((each) => each.pool === pool).flatMap(ofConditions)];
}

function shown({ service, before, after }: ServiceForecast): string {
  return `${service} ${(after.length > 0 ? after : before).map(formatAddress).join(" ")}`;
}

/** An overlap is found by the review of the pool itself. */
function ofConditions({ warnings }: PoolForecast): readonly Problem[] {
  return warnings.flatMap(({ type, message }): readonly Problem[] => {
    if (type === "ReservationsBlocked")
      return [{ path: "spec.reservations", message: `not before it is free: ${firstFew(message.split("; "))}` }];
    if (type === "LimitsExceeded")
      return [{ path: "spec.limits", message: `exceeded, nothing is taken away: ${firstFew(message.split(", "))}` }];
    return [];
  });
}

const mostNamed = 4;

function firstFew(texts: readonly string[]): string {
  const more = texts.length - mostNamed;
  return texts.slice(0, mostNamed).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
