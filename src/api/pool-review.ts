import { type PoolObject, parsePool } from "./ip-pool.ts";
import { type ClusterNetwork, networkWarnings, overlapProblems } from "./pool-overlap.ts";
import type { Problem } from "./problem.ts";

/** What admission says of an object: refused if there are problems, else let through with the warnings shown. */
export type Review = { readonly problems: readonly Problem[]; readonly warnings: readonly Problem[] };

/** What a pool is compared with; `before` is the pool itself where it is changed. */
export type PoolSurroundings = {
  readonly before?: PoolObject | undefined;
  readonly pools: readonly PoolObject[];
  readonly networks: readonly ClusterNetwork[];
};

/**
 * Whether an IPPool may be written: everything wrong with its own text, else every other pool that it overlaps. An overlap
 * that was there before is no reason to refuse a change: it may be the first step to end it.
 */
export function reviewPool(object: PoolObject, { before, pools, networks }: PoolSurroundings): Review {
  const parsed = parsePool(object);
  if ("problems" in parsed) return { problems: parsed.problems, warnings: [] };
  const others = pools.map(parsePool).flatMap((other) => ("value" in other ? [other.value] : []));
  const overlaps = overlapProblems(parsed.value, others);
  const parsedBefore = before === undefined ? undefined : parsePool(before);
  const known = parsedBefore && "value" in parsedBefore ? overlapProblems(parsedBefore.value, others) : [];
  const isKnown = ({ message }: Problem): boolean => known.some((each) => each.message === message);
  return {
    problems: overlaps.filter((overlap) => !isKnown(overlap)),
    warnings: [...parsed.warnings, ...overlaps.filter(isKnown), ...networkWarnings(parsed.value, networks)],
  };
}
