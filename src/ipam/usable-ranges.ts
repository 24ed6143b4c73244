import type { Pool } from "../api/ip-pool.ts";
import type { Family } from "../net/address.ts";
import { type AddressRange, rangesOverlap, subtractRanges } from "../net/range.ts";
import { specialRanges } from "../net/special.ts";

/** What a pool may give of a family: sorted, disjoint, without what has a special purpose and what the cluster itself uses. */
export function usableRanges(pool: Pool, family: Family, forbidden: readonly AddressRange[]): readonly AddressRange[] {
  const ranges = pool.ranges.filter(({ first }) => first.family === family);
  const holes = [...specialRanges, ...forbidden].filter((hole) => ranges.some((range) => rangesOverlap(range, hole)));
  return subtractRanges(ranges, holes);
}
