import { type AddressRange, subtractRanges } from "../net/range.ts";
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
  /** What could not be found out about the networks. */
  readonly unknown?: readonly Problem[];
};

/**
 * Whether an IPPool may be written: everything wrong with its own text, else, for every other pool, the addresses that it has
 * too and that this one did not have before. An overlap that was there before is only a warning: the change may be the first
 * step to end it.
 */
export function reviewPool(object: PoolObject, surroundings: PoolSurroundings): Review {
  const { before, pools, networks, unknown = [] } = surroundings;
  const parsed = parsePool(object);
  if ("problems" in parsed) return { problems: parsed.problems, warnings: [] };
  const others = pools.map(parsePool).flatMap((other) => ("value" in other ? [other.value] : []));
  const added = { ...parsed.value, ranges: subtractRanges(parsed.value.ranges, rangesOf(before)) };
  const problems = overlapProblems(added, others);
  if (problems.length > 0) return { problems, warnings: [] };
  const overlaps = overlapProblems(parsed.value, others);
  return {
    problems,
    warnings: [...parsed.warnings, ...overlaps, ...networkWarnings(parsed.value, networks), ...unknown],
  };
}

function rangesOf(object: PoolObject | undefined): readonly AddressRange[] {
  const parsed = object && parsePool(object);
  return parsed && "value" in parsed ? parsed.value.ranges : [];
}
