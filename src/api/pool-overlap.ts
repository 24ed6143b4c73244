import { compareAddresses } from "../net/address.ts";
import { type Prefix, prefixRange } from "../net/prefix.ts";
import { type AddressRange, formatRange, rangesOverlap } from "../net/range.ts";
import type { Pool } from "./ip-pool.ts";
import type { Problem } from "./problem.ts";

/** The addresses that two sorted, disjoint lists of ranges have in common; sorted and disjoint too. */
export function commonRanges(a: readonly AddressRange[], b: readonly AddressRange[]): readonly AddressRange[] {
  return a.flatMap((left) =>
    b
      .filter((right) => rangesOverlap(left, right))
      .map((right) => ({
        first: compareAddresses(left.first, right.first) < 0 ? right.first : left.first,
        last: compareAddresses(left.last, right.last) < 0 ? left.last : right.last,
      })),
  );
}

/** For every other pool that may give an address of this one: which, and which addresses. A pool never overlaps itself. */
export function overlapProblems(pool: Pool, others: readonly Pool[]): readonly Problem[] {
  return others
    .filter(({ name }) => name !== pool.name)
    .flatMap((other) => {
      const common = commonRanges(pool.ranges, other.ranges);
      if (common.length === 0) return [];
      return [{ path: "spec.addresses", message: `${formatRanges(common)} also in pool ${other.name}` }];
    });
}

/** A network that the cluster uses itself, such as "pod network of node1". */
export type ClusterNetwork = { readonly name: string; readonly prefix: Prefix };

/** For every network of the cluster that holds addresses of the pool: which addresses; they are never given. */
export function networkWarnings(pool: Pool, networks: readonly ClusterNetwork[]): readonly Problem[] {
  return networks.flatMap(({ name, prefix }) => {
    const common = commonRanges(pool.ranges, [prefixRange(prefix)]);
    if (common.length === 0) return [];
    return [{ path: "spec.addresses", message: `${formatRanges(common)} is never given: in the ${name}` }];
  });
}

const shown = 3;

function formatRanges(ranges: readonly AddressRange[]): string {
  const more = ranges.length > shown ? ` and ${ranges.length - shown} more` : "";
  return `${ranges.slice(0, shown).map(formatRange).join(", ")}${more}`;
}
